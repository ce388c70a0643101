import { closeSync, openSync, readSync } from 'node:fs'
import { totalmem } from 'node:os'

/**
 * The memory that this process and its children may take, in bytes: the machine's, or what a container or a unit of
 * systemd leaves them of it.
 *
 * @param limit 0 where nothing limits it
 */
export function availableMemory(total: number = totalmem(), limit: number = process.constrainedMemory()): number {
  return limit > 0 ? Math.min(limit, total) : total
}

/** Bytes of `/proc/PID/status` that are read: the memory comes after the user's groups, which may be many. */
const STATUS_BYTES = 64 * 1024

/** What one process has in memory. */
export interface Scale {
  /** In bytes, as the system sees it; `undefined` where it does not tell, or when the process is gone. */
  read(): number | undefined
  close(): void
}

/**
 * The file stays open and is read in place: at twenty reads a second for each child, reopening it cost 1 % of the
 * machine. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function openScale(pid: number): Scale {
  let file = process.platform === 'linux' ? opened(`/proc/${pid}/status`) : undefined
  const buffer = Buffer.alloc(STATUS_BYTES)
  return {
    read() {
      if (file === undefined) return undefined
      try {
        const text = buffer.toString('latin1', 0, readSync(file, buffer, 0, STATUS_BYTES, 0))
        const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1]
        return kilobytes === undefined ? undefined : 1024 * Number(kilobytes)
      } catch {
        return undefined // the process has ended, which its exit event reports
      }
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}
