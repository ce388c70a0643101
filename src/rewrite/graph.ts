interface Frame<Node> {
  readonly node: Node
  readonly targets: Iterator<Node>
}

interface Mark {
  readonly index: number
  low: number
  open: boolean
}

/**
 * The strongly connected components of a graph (Tarjan), leaves first: a component comes after every component that it
 * has an edge into. Targets that are not among `nodes` are ignored. Iterative: a chain of imports may be long.
 */
export function stronglyConnected<Node>(nodes: Iterable<Node>, edgesOf: (node: Node) => Iterable<Node>): Node[][] {
  const known = new Set(nodes)
  const marks = new Map<Node, Mark>()
  const open: Node[] = []
  const components: Node[][] = []

  const enter = (node: Node): Frame<Node> => {
    marks.set(node, { index: marks.size, low: marks.size, open: true })
    open.push(node)
    return { node, targets: edgesOf(node)[Symbol.iterator]() }
  }
  const leave = (node: Node, mark: Mark): void => {
    if (mark.low !== mark.index) return
    const component = open.splice(open.lastIndexOf(node))
    for (const member of component) {
      const memberMark = marks.get(member)
      if (memberMark) memberMark.open = false
    }
    components.push(component)
  }

  for (const root of known) {
    if (marks.has(root)) continue
    const path = [enter(root)]
    for (let frame = path.at(-1); frame; frame = path.at(-1)) {
      const next = step(frame, known, marks)
      if (next !== undefined) {
        path.push(enter(next.node))
        continue
      }
      path.pop()
      const mark = marks.get(frame.node)
      if (!mark) continue
      leave(frame.node, mark)
      const parent = path.at(-1)
      lower(parent && marks.get(parent.node), mark.low)
    }
  }
  return components
}

/** Follows edges until one leads to a node not yet seen; edges to open nodes lower this node's mark. */
function step<Node>(
  { node, targets }: Frame<Node>,
  known: ReadonlySet<Node>,
  marks: ReadonlyMap<Node, Mark>,
): { readonly node: Node } | undefined {
  for (let next = targets.next(); !next.done; next = targets.next()) {
    if (!known.has(next.value)) continue
    const mark = marks.get(next.value)
    if (!mark) return { node: next.value }
    if (mark.open) lower(marks.get(node), mark.index)
  }
  return undefined
}

function lower(mark: Mark | undefined, low: number): void {
  if (mark) mark.low = Math.min(mark.low, low)
}
