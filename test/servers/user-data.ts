/** What an instance's script brings onto it and starts there. */
export interface Boot {
  readonly bucket: string
  /** Key of the bundle. */
  readonly key: string
  /** That the bundle is held against before it is unpacked. */
  readonly sha256: string
  readonly environment: Readonly<Record<string, string>>
  /** The program, and its arguments. */
  readonly command: readonly string[]
}

/** Reads the script of `lading batch stack` as a shell and systemd would: the rig has neither an image nor a boot. */
export function bootOf(script: string): Boot {
  const found = (pattern: RegExp, where = script): string => {
    const [, text] = pattern.exec(where) ?? []
    if (text === undefined) throw new Error(`the user data has no ${pattern}:\n${where}`)
    return text
  }
  // The script writes other units as well.
  const unit = found(/> \/etc\/systemd\/system\/lading\.service << UNIT\n([\s\S]*?)\nUNIT\n/)
  const environment = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, line = '']) => {
    const [, name = '', value = ''] = /^"?([A-Z_]+)=(.*?)"?$/.exec(line) ?? []
    return [name, value] as const
  })
  return {
    bucket: found(/get-object .*--bucket '([^']+)'/),
    key: found(/get-object .*--key '([^']+)'/),
    sha256: found(/^echo '([0-9a-f]{64}) {2}\S+' \| sha256sum --check/m),
    environment: Object.fromEntries(environment),
    command: found(/^ExecStart=(.*)$/m, unit).split(' '),
  }
}
