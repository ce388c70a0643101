/** The floor of package.json's `engines`, per line of Node: the least minor of each supported major, and the newest major. */
const FLOORS: ReadonlyMap<number, number> = new Map([
  [20, 19],
  [22, 12],
])
const NEWEST_FLOOR = 22

/** A line for people when this Node is too old, else undefined. Imports nothing, so that any Node can say it. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const floor = FLOORS.get(major)
  const isSupported = floor === undefined ? major > NEWEST_FLOOR : minor >= floor
  if (isSupported) return undefined
  return `E_NODE_VERSION  Lading needs Node 20.19 or newer, or 22.12 or newer; this is ${version}. See https://nodejs.org/`
}
