// The same PUTs for both sides of bench/put.mjs: warm, then measured.

/** Enough for the compiler, and for the larger plan's client to be there. */
const WARM_UP = 2_000

export const BYTES = Buffer.alloc(10_240, 'a plain body of a small file\n')
export const HEADERS = { 'content-type': 'image/png', 'cache-control': 'public, max-age=31536000, immutable' }

/** Prints the CPU time of one PUT, how many were done in a second, and the most memory. */
export async function measurePuts(put, { atOnce, count }) {
  await inLanes(put, { atOnce, from: 0, to: WARM_UP })
  const cpu = process.cpuUsage()
  const start = performance.now()
  await inLanes(put, { atOnce, from: WARM_UP, to: WARM_UP + count })
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = count / ((performance.now() - start) / 1000)
  const mb = (process.resourceUsage().maxRSS * 1024) / 1e6
  console.log(JSON.stringify({ cpuUs: (user + system) / count, perSecond, mb }))
}

async function inLanes(put, { atOnce, from, to }) {
  let next = from
  const lane = async () => {
    while (next < to) {
      next += 1
      await put(`a/image-${process.pid}-${next}.png`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
