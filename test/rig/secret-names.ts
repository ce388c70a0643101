/** Names of secrets, by the row of table C and the rule that each has to be stopped by. */
const GROUPS: readonly (readonly [row: string, rule: string, names: string])[] = [
  [
    'C01',
    'environment file',
    '.env .env.production .env.local prod.env .env.local.bak api/.env .envrc .env.vault .env.keys',
  ],
  [
    'C01',
    'environment file',
    '.ENV .env.prod~1 config.env env.production env.local.bak .flaskenv .dev.vars .dev.vars.prod',
  ],
  ['C02', 'version control', '.git/config .git .gitmodules .svn/entries .hg/hgrc docs/.git/HEAD .bzr/branch.conf'],
  ['C03', 'private key', 'id_rsa id_ed25519 keys/id_ecdsa id_ed25519_sk id_rsa.bak id_dsa.txt ID_RSA'],
  [
    'C03',
    'private key',
    'x.pem x.key x.p8 x.p12 x.pfx x.jks x.kdbx x.kdb x.ppk x.keystore x.ovpn x.jceks x.pkcs12 x.psafe3',
  ],
  ['C03', 'private key', 'secring.gpg login.keychain-db key4.db wallet.dat'],
  ['C03', 'credentials', '.netrc _netrc .pypirc .dockercfg .gnupg/x .aws/credentials .docker/config.json .ssh/config'],
  [
    'C03',
    'credentials',
    '.kube/config .azure/accessTokens.json .htpasswd .htdigest htpasswd .git-credentials .gitcookies',
  ],
  [
    'C03',
    'credentials',
    '.pgpass .s3cfg .boto .my.cnf .mylogin.cnf .msmtprc .passwd-s3fs .dockerconfigjson .vault-token',
  ],
  ['C03', 'credentials', '.bash_history .zsh_history .python_history .node_repl_history .rediscli_history'],
  ['C03', 'credentials', 'rclone.conf prod.tfvars prod.auto.tfvars.json terraform.tfstate terraform.tfstate.backup'],
  ['C03', 'credentials', 'credentials.json secrets.yml secret.txt config/credentials credentials passwords.csv'],
  ['C03', 'credentials', 'service-account.json shop-firebase-adminsdk-x1.json client_secret_1.json kubeconfig.yaml'],
  ['C03', 'credentials', 'application_default_credentials.json rootkey.csv ann_accessKeys.csv .vault_pass.txt'],
  [
    'C03',
    'credentials',
    'sftp-config.json .ftpconfig ws_ftp.ini FileZilla.xml recentservers.xml settings-security.xml',
  ],
  ['C03', 'private key', 'id_rsa.gz tls/server.key.br'],
  ['C03', 'credentials', 'secrets.json.zst'],
  ['C01', 'environment file', 'prod.env.gz'],
  ['C04', 'credentials', 'wp-config.php wp-config.php.save wp-config.php.txt LocalSettings.php config/database.yml'],
  [
    'C04',
    'dump or backup',
    'wp-config.php.bak wp-config.old dump.sql db.sql.gz db.sql.7z db.dump index.html.old a.backup',
  ],
  ['C04', 'dump or backup', 'dump.rdb heap.hprof core.4711 shop.pgdump app.js.save config.php.bkp shop.sqlite-wal'],
  ['C04', 'dump or backup', 'backup.zip site-backup.tar.gz www.zip database.tar.gz public_html.7z shop.sqlite shop.db'],
]

/** Every hostile name once, with its row and its rule. */
export const HOSTILE_NAMES: readonly (readonly [row: string, name: string, rule: string])[] = GROUPS.flatMap(
  ([row, rule, names]) => names.split(' ').map((name) => [row, name, rule] as const),
)

/** Names that are passed over: what editors, systems and we leave behind, and what exists to be shown. */
export const PASSED_OVER: readonly string[] = [
  '.DS_Store',
  'img/Thumbs.db',
  'a.html.swp',
  'a.html~',
  '.wp-config.php.swp',
  'npm-debug.log',
  'firebase-debug.log',
  'lading.config.ts',
  'lading.config.json',
  '.env.example',
  '.dev.vars.example',
  '.gitignore',
  '.gitattributes',
  '.npmrc',
  '.editorconfig',
]

/** Names that only sound like secrets; a site may have any of them. */
export const BENIGN_NAMES: readonly string[] = [
  'environment.js',
  'env.js',
  'env.html',
  'keys.html',
  'key.svg',
  'credentials.html',
  'secrets.html',
  'password.json',
  'passwords.json',
  'auth.json',
  'service-accounts.html',
  'history.html',
  'core.js',
  'core.css',
  'database.html',
  'database.json',
  'dump.html',
  'backup.html',
  'backup.svg',
  'monkey.png',
  'config.json',
  'appsettings.json',
  'settings.json',
  'google-services.json',
  'wallet.html',
  'id_card.png',
  'git.html',
  'docker-compose.html',
  'signing.crt',
  'archive-keyring.gpg',
  'save.js',
  'copy.js',
  'core.js.gz',
]
