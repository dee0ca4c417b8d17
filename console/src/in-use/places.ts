/** The lists of the section, in the order of the work. */
export const IN_USE = [
  { path: "/in-use", label: "Models" },
  { path: "/in-use/schedules", label: "Schedules" },
  { path: "/in-use/experiments", label: "Experiments" },
  { path: "/in-use/rules", label: "Rule sets" },
];
