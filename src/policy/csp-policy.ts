/** One content security policy: source lists by directive, in lower case. https://www.w3.org/TR/CSP3/ */
export type CspPolicy = ReadonlyMap<string, readonly string[]>

const ASCII_SPACE = /[\t\n\f\r ]+/

/** One policy as a `<meta>` carries it. Of a directive given twice the first counts. https://www.w3.org/TR/CSP3/#parse-serialized-policy */
export function parsePolicy(text: string): CspPolicy {
  const directives = new Map<string, readonly string[]>()
  for (const part of text.split(';')) {
    const [name = '', ...sources] = part.split(ASCII_SPACE).filter((token) => token !== '')
    const directive = name.toLowerCase()
    if (directive !== '' && !directives.has(directive)) directives.set(directive, sources)
  }
  return directives
}

/** The policies of one header's value; each of them has to allow a load. https://www.w3.org/TR/CSP3/#parse-serialized-policy-list */
export function splitPolicies(header: string): string[] {
  return header
    .split(',')
    .map((policy) => policy.trim())
    .filter((policy) => policy !== '')
}

/** Fallbacks of an absent directive, nearest first. https://www.w3.org/TR/CSP3/#directive-fallback-list */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  'script-src-elem': ['script-src', 'default-src'],
  'style-src-elem': ['style-src', 'default-src'],
  'worker-src': ['child-src', 'script-src', 'default-src'],
  'frame-src': ['child-src', 'default-src'],
}

/** The directive of a policy that decides for `directive`; undefined when everything is allowed. */
export function decidingDirective(policy: CspPolicy, directive: string): string | undefined {
  const chain = [directive, ...(FALLBACKS[directive] ?? ['default-src'])]
  return chain.find((name) => policy.has(name))
}

/** The directive to add where only `default-src` decides: the plain one, which covers attributes and inline code as before. */
export function directiveToAdd(directive: string): string {
  return directive.replace(/-elem$/, '')
}
