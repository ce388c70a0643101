const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Lines come by the time: the last day is mostly that of the next line, too. */
function remembering(read: (text: string) => number): (text: string) => number {
  let [known, ms] = ['', Number.NaN]
  return (text) => {
    if (text !== known) [known, ms] = [text, read(text)]
    return ms
  }
}

/** `10/Oct/2026:13:55:36 +0200`; NaN where there is no such time. The places of the digits were checked. */
export function clfTime(): (text: string) => number {
  const dayOf = remembering((text) => {
    const month = String(MONTHS.indexOf(text.slice(3, 6)) + 1).padStart(2, '0')
    return Date.parse(`${text.slice(7)}-${month}-${text.slice(0, 2)}T00:00:00Z`)
  })
  const zoneOf = remembering((text) => {
    const minutes = 60 * Number(text.slice(1, 3)) + Number(text.slice(3))
    return (text.startsWith('-') ? -60_000 : 60_000) * minutes
  })
  return (text) => dayOf(text.slice(0, 11)) + clockOf(text.slice(12, 20)) - zoneOf(text.slice(21))
}

/** `2026-10-10` and `13:55:36`, both UTC. */
export function utcTime(): (day: string, clock: string) => number {
  const dayOf = remembering((day) => (/^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN))
  return (day, clock) => dayOf(day) + (/^\d\d:\d\d:\d\d$/.test(clock) ? clockOf(clock) : Number.NaN)
}

/** `13:55:36`, in milliseconds. */
function clockOf(text: string): number {
  const [hours, minutes, seconds] = [Number(text.slice(0, 2)), Number(text.slice(3, 5)), Number(text.slice(6))]
  if (hours > 23 || minutes > 59 || seconds > 60) return Number.NaN
  return 1000 * (seconds + 60 * (minutes + 60 * hours))
}
