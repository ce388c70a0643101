// Without the plugin, a build must come to the same: tests compare the two.
export async function plugins() {
  const plugin = process.env.FIXTURE_PLUGIN
  if (!plugin) return []
  const { default: lading } = await import(plugin)
  return [lading(JSON.parse(process.env.FIXTURE_OPTIONS ?? '{}'))]
}
