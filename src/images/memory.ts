import { readFile } from 'node:fs/promises'

/**
 * What a process has in memory, in bytes, as the system sees it; `undefined` where it does not tell, or when the
 * process is gone. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export async function rssOf(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'latin1'))?.[1]
    return kilobytes === undefined ? undefined : 1024 * Number(kilobytes)
  } catch {
    return undefined // it has ended, and says so itself
  }
}
