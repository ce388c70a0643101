import { closeSync, openSync, readSync, realpathSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { statOf } from './logs.ts'

/** How every report begins, and no other page. */
export const PAGE_START = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="lading report">
`

/**
 * @param site the folder of the site, where one is looked into
 * @throws E_WRITE where the page could not lie
 */
export function assertPlace(file: string, site: string | undefined): void {
  if (statOf(dirname(file))?.isDirectory() !== true) throw unwritable(file, 'its folder is not there')
  const there = statOf(file)
  if (there?.isDirectory()) throw unwritable(file, 'it is a folder')
  const hint = 'Write --html report.html, or move that file away.'
  // neither a log nor a page of a site is made again
  if (there?.isFile() && there.size > 0 && !isReport(file)) {
    throw unwritable(file, 'another file has this name, which is no report', { hint })
  }
  if (site !== undefined && isBelow(site, dirname(file))) {
    throw unwritable(file, 'the page would be published with the site', {
      hint: 'Name a file outside of the folder of --site.',
    })
  }
}

/** What cannot be looked at is none. */
function isReport(file: string): boolean {
  const head = Buffer.alloc(PAGE_START.length)
  try {
    const handle = openSync(file, 'r')
    try {
      readSync(handle, head)
    } finally {
      closeSync(handle)
    }
  } catch {
    return false
  }
  return head.toString('latin1') === PAGE_START
}

/** Links resolved; a site that is not there is told of by who reads it. */
function isBelow(site: string, folder: string): boolean {
  if (statOf(site) === undefined) return false
  return (realpathSync(folder) + sep).startsWith(realpathSync(site) + sep)
}

export const unwritable = (
  file: string,
  why: string,
  { cause, hint }: { readonly cause?: unknown; readonly hint?: string } = {},
): LadingError =>
  new LadingError('E_WRITE', 'the page could not be written', {
    subject: file,
    why: why || undefined,
    cause,
    hint: hint ?? 'Name a file in a folder that is there, in which this user may write.',
  })
