import type { PolicyDocument } from './document.ts'
import type { Edge } from './edge.ts'
import { pathOf } from './edge-route.ts'

/** MinIO on this machine, as it starts by default. https://docs.min.io/enterprise/aistor-object-store/reference/aistor-server/minio/ */
const MINIO = 'http://127.0.0.1:9000'

/**
 * Locations of nginx in front of MinIO. Redirects are made of `$request_uri`, which is as the visitor wrote it:
 * `$uri` is decoded, and a line break in it would start a header. Two slashes in front match nothing: they would lead
 * to another host.
 * https://nginx.org/en/docs/http/ngx_http_core_module.html#location, https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
 */
export function nginxConfig(edge: Edge): PolicyDocument {
  const { bucket, mount, prefix } = edge
  const lines = [
    '# nginx, inside of server { }, by lading policy edge',
    '# The state of the deploys is not for visitors.',
    `location ~ ^${literal(mount)}(?:.*/)?\\.lading(?:/|$) { return 404; }`,
    '',
    ...(edge.hasPages ? pageLocations(edge) : location(mount, edge)),
  ]
  return {
    file: 'lading.conf',
    text: `${lines.join('\n')}\n`,
    commands: ['nginx -t && nginx -s reload'],
    notes: [
      `MinIO lets anybody read what is public: mc anonymous set download ALIAS/${bucket}/${prefix}`,
      'That includes .lading/, the state of the deploys: where visitors reach MinIO itself, set `state` to another bucket.',
      'Paths are those of MinIO itself; where it answers elsewhere, change proxy_pass.',
    ],
  }
}

/** The first matching regular expression wins; `=` and `^~` take precedence over all of them. */
function pageLocations(edge: Edge): string[] {
  const { redirects, files, folders, mount } = edge
  const at = literal(mount)
  return [
    '# Redirects, and names that no pattern can tell.',
    ...asCompared(redirects).map(({ from, to, status }) => exact(from, status, withQuery(to))),
    ...folders.map((path) => exact(path, 301, withQuery(`${path}/`))),
    ...files.flatMap((path) => location(`= ${quoted(decoded(path))}`, edge)),
    ...location(`^~ ${mount}.well-known/`, edge),
    '',
    '# One address for each page.',
    `location ~ ^${at}(?:.*/)?index\\.html$ {`,
    '  if ($request_uri ~ "^(/(?:[^/?][^?]*/)?)index\\.html(\\?.*)?$") { return 301 $1$2; }',
    '  return 404;',
    '}',
    ...location(`~ ^${at}(?:.*/)?$`, edge, 'index.html'),
    ...location(`~ ^${at}(?:.*/)?[^/]*\\.[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*$`, edge),
    `location ${mount} {`,
    '  if ($request_uri ~ "^(/[^/?][^?]*)(\\?.*)?$") { return 301 $1/$2; }',
    '  return 404;',
    '}',
  ]
}

const exact = (from: string, status: number, to: string): string =>
  `location = ${quoted(decoded(from))} { return ${status} ${quoted(to)}; }`

/** nginx compares paths decoded: of two that are one there, the first counts, and none may lead to itself. */
function asCompared(redirects: Edge['redirects']): Edge['redirects'] {
  const first = new Map<string, Edge['redirects'][number]>()
  for (const redirect of redirects) {
    const path = decoded(redirect.from)
    if (!first.has(path) && path !== decoded(pathOf(redirect.to))) first.set(path, redirect)
  }
  return [...first.values()]
}

/** Appends the visitor's query, before the fragment. */
function withQuery(to: string): string {
  const target = to.replaceAll('$', '%24')
  return to.includes('?') ? target : target.replace(/(?=#)|$/, () => '$is_args$args')
}

/** A location that hands out objects. */
function location(match: string, edge: Edge, suffix = ''): string[] {
  const { mount, bucket, prefix, endpoint = MINIO, hasPages } = edge
  return [
    `location ${match} {`,
    '  if ($request_method !~ ^(GET|HEAD)$) { return 405; }',
    `  rewrite ^${literal(mount)}(.*)$ ${quoted(`/${bucket}/${prefix}$1${suffix}`)} break;`,
    `  proxy_pass ${endpoint};`,
    ...(hasPages ? ['  proxy_intercept_errors on;', `  error_page 403 404 =404 ${mount}404.html;`] : []),
    '}',
  ]
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|"]/g, '\\$&')
/** `$` would start a variable; no key or address of ours needs one unencoded. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** nginx compares locations with the decoded path. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
