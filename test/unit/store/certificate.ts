import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
  /** Where `cert` lies. */
  readonly path: string
  remove(): void
}

/** Node makes no certificates. */
const OPENSSL = 'openssl'

/** One that vouches for itself, for `store.example` and 127.0.0.1. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'lading-certificate-'))
  const [key, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=store.example', '-addext', 'subjectAltName=DNS:store.example,IP:127.0.0.1']
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names]
  execFileSync(OPENSSL, [...request, '-keyout', key, '-out', path], { stdio: 'ignore' })
  const remove = (): void => rmSync(folder, { recursive: true })
  return { key: readFileSync(key), cert: readFileSync(path), path, remove }
}
