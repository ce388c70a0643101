import type { OptionRow } from './options.ts'

/** A line for a shell, its words quoted where they have to be. */
export function shellLine(command: string, words: readonly string[]): string {
  const quoted = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
  return [`lading ${command}`, ...quoted].join(' ')
}

/** Those words of a line that say where things are, as far as a command with these options takes them too. */
export function placesIn(words: readonly string[], options: readonly OptionRow[]): string[] {
  const places = options.filter(({ key, flags }) => key !== undefined || flags.startsWith('--config'))
  const takesValue = new Map(places.map(({ flags }) => [flags.split(' ')[0], flags.includes('<')]))
  return words.flatMap((word, index) => {
    const value = takesValue.get(word) ? words.slice(index + 1, index + 2) : []
    return takesValue.has(word.split('=')[0]) ? [word, ...value] : []
  })
}
