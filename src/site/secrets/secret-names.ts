import { firstMatch, type NameRule, type NeverRule, neverRule } from '../../rewrite/keep.ts'
import type { SitePath } from '../../words/model.ts'
import { plainPath } from './plain.ts'

/** Whole file names, in any folder, whatever their case. */
const named = (name: NeverRule, ...names: readonly string[]): NameRule<NeverRule> => ({
  name,
  pattern: new RegExp(`(?:^|/)(?:${names.join('|')})$`, 'i'),
})

/** Extensions, whatever stands before them. */
const ending = (name: NeverRule, ...extensions: readonly string[]): NameRule<NeverRule> => ({
  name,
  pattern: new RegExp(`\\.(?:${extensions.join('|')})$`, 'i'),
})

/** File names under which programs store secrets. Those that every server knows are in `rewrite/keep.ts`. */
const RULES: ReadonlyArray<NameRule<NeverRule>> = [
  named(
    'environment file',
    '\\.(?:flaskenv|dev\\.vars(?:[.~_-][^/]*)?)',
    'env\\.(?:local|prod|production|staging|development)(?:\\.(?:bak|old))?',
  ),
  named('private key', 'id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:\\.(?:bak|backup|old|txt))?', 'secring\\.gpg'),
  named('private key', '(?:key[34]\\.db|signons\\.sqlite|wallet\\.dat)'), // of browsers and cryptocurrency wallets
  ending('private key', 'ovpn', 'jceks', 'bks', 'keychain(?:-db)?', 'pkcs12', 'pvk', 'snk', 'psafe3', '1pif'),
  // clients of clouds
  named(
    'credentials',
    'kubeconfig(?:\\.ya?ml)?',
    'service[-_]?account(?:[-_]?key)?\\.json',
    '[^/]*firebase-adminsdk[^/]*\\.json',
    'client_secret[^/]*\\.json',
    'application_default_credentials\\.json',
    'rootkey\\.csv',
    '(?:[^/]*_)?(?:accesskeys|credentials)\\.csv',
    '\\.(?:dockerconfigjson|passwd-s3fs)',
    '[^/]+\\.tfvars\\.json',
  ),
  // clients of file transfer, mail and databases
  named(
    'credentials',
    'sftp-config\\.json',
    'ws_ftp\\.ini',
    '(?:filezilla|recentservers|sitemanager)\\.xml',
    '\\.(?:ftpconfig|ftppass|remote-sync\\.json|msmtprc|esmtprc|mylogin\\.cnf|dbshell|gitcookies)',
  ),
  // servers and shells
  named(
    'credentials',
    'wp-config\\.(?:php(?:\\.(?:save|txt))?|txt)',
    'localsettings\\.php',
    'config/database\\.ya?ml',
    'settings-security\\.xml',
    '\\.?(?:vault[-_]pass(?:word)?)(?:\\.txt)?',
    '\\.htdigest|htpasswd',
    'passwords?\\.(?:txt|csv|xlsx?)',
    '\\.[a-z0-9_]+_history',
  ),
  ending('dump or backup', 'rdb', 'hprof', 'mdmp', 'dmp', 'pgdump', 'pg_dump', 'psql'),
  ending(
    'dump or backup',
    '(?:sql|dump)\\.(?:7z|rar|tar|tgz|tar\\.(?:gz|bz2|xz|zst))',
    '(?:sqlite3?|db)-(?:wal|journal)',
  ),
  ending('dump or backup', '(?:php|html?|[cm]?js|css|json|ya?ml|conf|ini|txt)\\.(?:save|bkp|copy)'),
  named('dump or backup', 'core\\.\\d{2,}'),
  named('litter', '(?:firebase|firestore|ui|database|pubsub)-debug\\.log'),
  named('litter', 'lading\\.config\\.(?:[cm]?[jt]s|json)'), // beside a site that nothing builds
]

const secretName = firstMatch(RULES)

/** Which rule for names keeps a file from being uploaded; undefined when none does. */
export const fileNameRule = (path: SitePath): NeverRule | undefined => {
  const plain = plainPath(path)
  return ruleOf(path) ?? (plain === path ? undefined : ruleOf(plain))
}

const ruleOf = (path: SitePath): NeverRule | undefined => secretName(path) ?? neverRule(path)
