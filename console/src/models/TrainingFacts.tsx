import { labelOf, partSettings, settingOf } from "@/api/catalogue";
import type { ModelConfigSpec, Reranker } from "@/api/schema";
import { type Meaning, meaningVariables } from "@/theme/meaning";
import { Section } from "@/ui/Section";
import { valueWords } from "@/ui/SettingField";
import classes from "./TrainingFacts.module.css";
import { rates, retrieves, weighs } from "./types";

interface Fact {
  name: string;
  value: string;
  meaning?: Meaning;
}

/** How a model is trained and how it finds products. */
export function TrainingFacts({ spec }: { spec: ModelConfigSpec }) {
  return (
    <>
      <Section title="Training">
        <Facts facts={trainingFacts(spec)} />
      </Section>
      {retrieves(spec) && (
        <Section title="Retrieval">
          <Facts facts={retrievalFacts(spec)} />
        </Section>
      )}
      {spec.reranker && (
        <Section title={settingOf("model_config", "reranker").label}>
          <Facts facts={rerankerFacts(spec.reranker)} />
        </Section>
      )}
    </>
  );
}

function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ name, value, meaning }) => (
        <div key={name} className={classes.fact} style={meaning && meaningVariables(meaning)}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function fact(spec: ModelConfigSpec, field: keyof ModelConfigSpec, meaning?: Meaning): Fact {
  const setting = settingOf("model_config", field);
  return { name: setting.label, value: valueWords(setting, spec[field]), meaning };
}

function trainingFacts(spec: ModelConfigSpec): Fact[] {
  const facts: Fact[] = [
    { name: "Optimizer", value: labelOf("optimizers", spec.optimizer), meaning: "optimizer" },
    fact(spec, "learning_rate", "hyperparameters"),
    fact(spec, "batch_size", "hyperparameters"),
    fact(spec, "early_stopping_patience", "hyperparameters"),
  ];
  if (rates(spec)) {
    const value = labelOf("losses", spec.loss_function);
    facts.push({ name: "Rating loss", value, meaning: "rating" });
  }
  if (weighs(spec)) {
    facts.push(
      fact(spec, "retrieval_weight", "multitask"),
      fact(spec, "ranking_weight", "multitask"),
    );
  }
  return facts;
}

function rerankerFacts(reranker: Reranker): Fact[] {
  return partSettings("model_config", "reranker").map((setting) => ({
    name: setting.label,
    value: valueWords(setting, reranker[setting.name.replace("reranker.", "") as keyof Reranker]),
  }));
}

function retrievalFacts(spec: ModelConfigSpec): Fact[] {
  return [
    fact(spec, "retrieval_algorithm"),
    ...(spec.retrieval_algorithm === "scann"
      ? [fact(spec, "scann_num_leaves"), fact(spec, "scann_leaves_to_search")]
      : []),
    fact(spec, "top_k"),
    fact(spec, "output_embedding_dim", "output"),
    fact(spec, "normalize_embeddings"),
    fact(spec, "temperature"),
    fact(spec, "logq_correction"),
    fact(spec, "remove_accidental_hits"),
  ];
}
