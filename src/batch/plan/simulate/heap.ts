/** Items of which the first in an order is at hand. */
export interface Heap<T> {
  size(): number
  push(item: T): void
  first(): T | undefined
  pop(): T | undefined
}

/** @param isBefore of two different items it is true in one direction: equal ones would come in any order */
export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  const swap = (a: number, b: number): boolean => {
    const [first, second] = [items[a], items[b]]
    if (first === undefined || second === undefined || !isBefore(second, first)) return false
    items[a] = second
    items[b] = first
    return true
  }
  const sink = (from: number): void => {
    for (let at = from; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const [a, b] = [items[left], items[right]]
      if (a === undefined) return
      const least = b !== undefined && isBefore(b, a) ? right : left
      if (!swap(at, least)) return
      at = least
    }
  }

  return {
    size: () => items.length,
    first: () => items[0],
    push(item) {
      let at = items.push(item) - 1
      while (at > 0 && swap((at - 1) >> 1, at)) at = (at - 1) >> 1
    },
    pop() {
      const [first] = items
      const last = items.pop()
      if (items.length > 0 && last !== undefined) {
        items[0] = last
        sink(0)
      }
      return first
    },
  }
}
