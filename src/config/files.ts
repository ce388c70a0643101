/** What is looked for in the folder of a run. */
export const CONFIG_FILES: readonly string[] = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map(
  (extension) => `lading.config.${extension}`,
)
