import type { ReactNode } from "react";
import type { ModelConfigSpec } from "@/api/schema";
import { type Meaning, meaningVariables } from "@/theme/meaning";
import { count, number } from "@/ui/format";
import { Section } from "@/ui/Section";
import { rates, retrieves } from "./draft";
import classes from "./TrainingFacts.module.css";
import { ALGORITHM_NAMES, LOSS_NAMES, OPTIMIZER_NAMES } from "./words";

interface Fact {
  name: string;
  term?: string;
  value: ReactNode;
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
        <Section title="Finding products">
          <Facts facts={retrievalFacts(spec)} />
        </Section>
      )}
    </>
  );
}

function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ name, term, value, meaning }) => (
        <div key={name} className={classes.fact} style={meaning && meaningVariables(meaning)}>
          <dt>
            {name} {term && <span className={classes.term}>{term}</span>}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function trainingFacts(spec: ModelConfigSpec): Fact[] {
  const facts: Fact[] = [
    { name: "Optimizer", value: OPTIMIZER_NAMES[spec.optimizer], meaning: "optimizer" },
    {
      name: "Size of a step",
      term: "learning rate",
      value: String(spec.learning_rate),
      meaning: "hyperparameters",
    },
    {
      name: "Rows in a step",
      term: "batch size",
      value: count(spec.batch_size),
      meaning: "hyperparameters",
    },
  ];
  if (rates(spec)) {
    facts.push({
      name: "Loss of the rating",
      value: LOSS_NAMES[spec.loss_function],
      meaning: "rating",
    });
  }
  if (spec.model_type === "multitask") {
    facts.push({
      name: "Balance",
      term: "loss weights",
      value: `finding ${number(spec.retrieval_weight)} : rating ${number(spec.ranking_weight)}`,
      meaning: "multitask",
    });
  }
  return facts;
}

function retrievalFacts(spec: ModelConfigSpec): Fact[] {
  const facts: Fact[] = [
    { name: "Search", value: ALGORITHM_NAMES[spec.retrieval_algorithm] },
    { name: "Products to return", term: "top k", value: count(spec.top_k) },
    {
      name: "Numbers in an embedding",
      term: "output embedding",
      value: spec.output_embedding_dim,
      meaning: "output",
    },
    { name: "Length of embeddings", value: spec.normalize_embeddings ? "1 (cosine)" : "learned" },
    { name: "Temperature", value: number(spec.temperature) },
    { name: "Made up for popularity", term: "logQ", value: spec.logq_correction ? "yes" : "no" },
    {
      name: "Accidental hits",
      value: spec.remove_accidental_hits ? "left out" : "counted as wrong",
    },
  ];
  if (spec.retrieval_algorithm === "scann") {
    facts.splice(1, 0, {
      name: "Parts of the catalogue",
      term: "leaves",
      value: `${leaves(spec.scann_num_leaves)}, of which ${leaves(spec.scann_leaves_to_search)} searched`,
    });
  }
  return facts;
}

function leaves(amount: number | null | undefined): string {
  return amount === null || amount === undefined ? "automatic" : count(amount);
}
