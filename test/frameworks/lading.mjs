/** What a test adds to an app: the plugin or not, for both have to come to the same; and a plugin that fails. */
export async function plugins() {
  const { FIXTURE_PLUGIN: plugin, FIXTURE_OPTIONS: options = '{}', FIXTURE_THROWS_IN: hook } = process.env
  return [
    plugin && (await import(plugin)).default(JSON.parse(options)),
    hook && {
      name: 'thrower',
      [hook]() {
        throw new Error('boom')
      },
    },
  ].filter(Boolean)
}
