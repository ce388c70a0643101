// Preloaded into the command under measurement: says at its end what the process has cost.
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeFileSync(
    process.env.MEASURED_REPORT,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, mb: (maxRSS * 1024) / 1e6 }),
  )
})
