/** Loose on purpose: CloudFormation's documents are read here as whoever gets them reads them. */
// biome-ignore lint/suspicious/noExplicitAny: a parsed document
export type Json = any

/** What references stand for: `Bucket`, `Bucket.Arn`, `AWS::Region`. */
export type Names = Readonly<Record<string, string>>

/** What a value of a template comes to. Throws for a reference to nothing. */
export function evaluated(value: Json, names: Names): Json {
  if (Array.isArray(value)) return value.map((one) => evaluated(one, names))
  if (typeof value !== 'object' || value === null) return value
  const [[name, given] = ['', undefined], ...others] = Object.entries<Json>(value)
  if (others.length === 0) {
    if (name === 'Ref') return named(given, names)
    if (name === 'Fn::GetAtt') return named(given.join('.'), names)
    if (name === 'Fn::Sub') return substituted(given, names)
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, evaluated(one, names)]))
}

/** `${!` is `${`. */
const substituted = (text: string, names: Names): string =>
  text.replace(/\$\{(!?)([^}]*)\}?/g, (_, isLiteral, name) => (isLiteral === '' ? named(name, names) : `\${${name}}`))

function named(name: string, names: Names): string {
  const found = names[name]
  if (found === undefined) throw new Error(`the template refers to ${name}, which is nowhere`)
  return found
}
