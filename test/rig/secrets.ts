import { createHash } from 'node:crypto'

/** Characters that look random and are the same in every run; nothing here ever opened anything. */
export function randomText(
  seed: string,
  length: number,
  alphabet: string = LETTERS + LETTERS.toUpperCase() + DIGITS,
): string {
  let text = ''
  for (let round = 0; text.length < length; round++) {
    for (const byte of createHash('sha256').update(`${seed} ${round}`).digest())
      text += alphabet[byte % alphabet.length]
  }
  return text.slice(0, length)
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const HEX: string = `${DIGITS}abcdef`
const BASE64 = `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}+/`
const UPPER = `${LETTERS.toUpperCase()}${DIGITS}`

const r = (length: number, alphabet?: string): string => randomText(`${length}${alphabet ?? ''}`, length, alphabet)
const jwtPart = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')

export const AWS_ID: string = `AKIA${randomText('id', 16, UPPER)}`
export const AWS_SECRET: string = `a1B${randomText('secret', 37, BASE64)}`
const PRIVATE = ['-----BEGIN ', 'PRIVATE KEY-----'] as const

/** Rule, what is secret, and the text that it stands in. Put together here, so that no scanner takes this file for a leak. */
export const SEEDED: readonly (readonly [rule: string, secret: string, text: (secret: string) => string])[] = [
  ['AWS access key', AWS_ID, (s) => `new S3({accessKeyId:"${s}",key:"${AWS_SECRET}"})`],
  ['AWS secret key', AWS_SECRET, (s) => `window.env={AWS_SECRET:"${s}"}`],
  ['AWS secret key', AWS_SECRET, (s) => `{"secretAccessKey": "${s}"}`],
  ['private key', r(64, BASE64), (s) => `${PRIVATE[0]}RSA ${PRIVATE[1]}\n${s}\n`],
  ['private key', r(64, BASE64), (s) => `{"k":"${PRIVATE.join('')}\\n${s}\\n"}`],
  ['private key', r(70, BASE64), (s) => `${PRIVATE[0]}OPENSSH ${PRIVATE[1]}\r\n${s}\r\n`],
  ['private key', r(64, BASE64), (s) => `${PRIVATE[0]}PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n${s}\n`],
  ['GitHub token', `ghp_${r(36)}`, (s) => `fetch(u,{headers:{authorization:"token ${s}"}})`],
  ['GitHub token', `github_pat_${r(22)}_${r(59)}`, (s) => `const t='${s}'`],
  ['GitLab token', `glpat-${r(20)}`, (s) => `t="${s}"`],
  ['Slack token', `xoxb-${r(12, DIGITS)}-${r(12, DIGITS)}-${r(24)}`, (s) => `slack("${s}")`],
  ['Slack webhook', r(24), (s) => `post("https://hooks.slack.com/services/T${r(8, UPPER)}/B${r(8, UPPER)}/${s}")`],
  ['Stripe live key', `sk_live_${r(24)}`, (s) => `Stripe("${s}")`],
  ['Stripe webhook secret', `whsec_${r(32)}`, (s) => `h="${s}"`],
  ['SendGrid key', `SG.${r(22)}.${r(43)}`, (s) => `"TOKEN=1\\n${s}"`],
  ['Twilio key', `SK${r(32, HEX)}`, (s) => `twilio('${s}')`],
  ['Twilio account token', r(32, HEX), (s) => `sid:"AC${randomText('sid', 32, HEX)}",authToken:"${s}"`],
  ['npm token', `npm_${r(36)}`, (s) => `//x:y=${s}`],
  ['npm token', r(30), (s) => `//registry.example.net/:_authToken=${s}`],
  ['PyPI token', `pypi-AgEIcHlwaS5vcmc${r(60)}`, (s) => s],
  ['OpenAI key', `sk-proj-${r(60)}`, (s) => `o="${s}"`],
  ['OpenAI key', `sk-${r(20)}T3BlbkFJ${randomText('o', 20)}`, (s) => `o="${s}"`],
  ['Anthropic key', `sk-ant-api03-${r(93)}`, (s) => `a="${s}"`],
  ['Cloudflare token', r(40), (s) => `CLOUDFLARE_API_TOKEN="${s}"`],
  ['Cloudflare origin key', `v1.0-${r(24, HEX)}-${r(146, HEX)}`, (s) => `c="${s}"`],
  ['DigitalOcean token', `dop_v1_${r(64, HEX)}`, (s) => `d="${s}"`],
  ['Google client secret', `GOCSPX-${r(28)}`, (s) => `{"client_secret":"${s}"}`],
  ['Google service account', r(40, HEX), (s) => `{"private_key_id": "${s}"}`],
  ['Azure storage key', `${r(86, BASE64)}==`, (s) => `AccountName=a;AccountKey=${s};EndpointSuffix=x`],
  ['Mailgun key', `key-${r(32, HEX)}`, (s) => `m="${s}"`],
  ['Mailchimp key', `${r(32, HEX)}-us12`, (s) => `m="${s}"`],
  ['Telegram bot token', `123456789:AA${r(33)}`, (s) => `bot="${s}"`],
  ['Shopify token', `shpat_${r(32, HEX)}`, (s) => `p="${s}"`],
  ['Hugging Face token', `hf_${r(34, LETTERS)}`, (s) => `h="${s}"`],
  ['Docker token', `dckr_pat_${r(27)}`, (s) => `d="${s}"`],
  ['Grafana token', `glsa_${r(32)}_${r(8, HEX)}`, (s) => `g="${s}"`],
  ['Discord webhook', r(68), (s) => `https://discord.com/api/webhooks/${r(18, DIGITS)}/${s}`],
  ['Terraform token', `${r(14)}.atlasv1.${r(67)}`, (s) => `t="${s}"`],
  ['database password', r(18), (s) => `postgres://shop:${s}@db.shop.com:5432/x`],
  ['password in an address', r(18), (s) => `<a href="https://ann:${s}@intra.shop.com/">`],
  ['private key', r(64, BASE64), (s) => `${PRIVATE[0]}EC ${PRIVATE[1]}\n${s}\n`],
  ['private key', r(64, BASE64), (s) => `${PRIVATE[0]}ENCRYPTED ${PRIVATE[1]}\n${s}\n`],
  [
    'private key',
    r(64, BASE64),
    (s) => `PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: ann\nPrivate-Lines: 8\n${s}\n`,
  ],
  ['S3 secret key', r(64, HEX), (s) => `S3Client({credentials:{accessKeyId:k,secretAccessKey:"${s}"}})`],
  ['S3 secret key', `K005${r(27)}`, (s) => `B2_SECRET_ACCESS_KEY=${s}`],
  ['Atlassian token', `ATATT3xFfGF0${r(180)}`, (s) => `a="${s}"`],
  ['Figma token', `figd_${r(40)}`, (s) => `f("${s}")`],
  ['Tailscale key', `tskey-auth-${r(17)}-${r(32)}`, (s) => `t="${s}"`],
  ['Groq key', `gsk_${r(52)}`, (s) => `g="${s}"`],
  ['Replicate token', `r8_${r(37)}`, (s) => `r="${s}"`],
  ['Brevo key', `xkeysib-${r(64, HEX)}-${r(16)}`, (s) => `b="${s}"`],
  ['RubyGems key', `rubygems_${r(48, HEX)}`, (s) => `g="${s}"`],
  ['Vercel Blob token', `vercel_blob_rw_${r(16)}_${r(30)}`, (s) => `v="${s}"`],
  ['Pulumi token', `pul-${r(40, HEX)}`, (s) => `p="${s}"`],
  ['Slack token', `xoxd-${r(40)}`, (s) => `d=${s}`],
  [
    'Slack webhook',
    r(24),
    (s) => `https://hooks.slack.com/workflows/T${r(9, UPPER)}/A${r(9, UPPER)}/${r(18, DIGITS)}/${s}`,
  ],
  ['Discord webhook', r(68), (s) => `https://discordapp.com/api/webhooks/${r(18, DIGITS)}/${s}`],
  ['GitLab token', `glft-${r(20)}`, (s) => `g="${s}"`],
  ['GitLab token', `glagent-${r(50)}`, (s) => `g="${s}"`],
  ['Stripe live key', `sk_org_live_${r(40)}`, (s) => `Stripe("${s}")`],
  ['OpenRouter key', `sk-or-v1-${r(64, HEX)}`, (s) => `o="${s}"`],
  ['xAI key', `xai-${r(80)}`, (s) => `x="${s}"`],
  ['Perplexity key', `pplx-${r(48)}`, (s) => `p="${s}"`],
  ['NVIDIA key', `nvapi-${r(64)}`, (s) => `n="${s}"`],
  ['Amazon Bedrock key', `ABSKQmVkcm9ja0FQSUtleS${r(110)}`, (s) => `b="${s}"`],
  ['Linear key', `lin_oauth_${r(64, HEX)}`, (s) => `l="${s}"`],
  ['Notion token', `ntn_${r(11, DIGITS)}${r(35)}`, (s) => `n="${s}"`],
  ['Airtable token', `pat${r(14)}.${r(64, HEX)}`, (s) => `a="${s}"`],
  ['Doppler token', `dp.st.prd_eu.${r(43)}`, (s) => `d="${s}"`],
  ['Vault token', `hvb.${r(140)}`, (s) => `v="${s}"`],
  ['Atlassian token', `ATCTT3xFfGN0${r(180)}`, (s) => `a="${s}"`],
  ['Docker token', `dckr_oat_${r(32)}`, (s) => `d="${s}"`],
  ['Dynatrace token', `dt0c01.${r(24, UPPER)}.${r(64, UPPER)}`, (s) => `d="${s}"`],
  ['1Password token', `ops_eyJ${r(300)}`, (s) => `o="${s}"`],
  ['Contentful token', `CFPAT-${r(43)}`, (s) => `c="${s}"`],
  ['LangSmith key', `lsv2_pt_${r(32, HEX)}_${r(10, HEX)}`, (s) => `l="${s}"`],
  ['Pinecone key', `pcsk_${r(6)}_${r(63)}`, (s) => `p="${s}"`],
  ['PostHog personal key', `phx_${r(43)}`, (s) => `p="${s}"`],
  ['Buildkite token', `bkua_${r(40, HEX)}`, (s) => `b="${s}"`],
  ['CircleCI token', `CCIPAT_${r(22)}_${r(40, HEX)}`, (s) => `c="${s}"`],
  ['Sourcegraph token', `sgp_${r(40, HEX)}`, (s) => `s="${s}"`],
  ['Azure client secret', `${r(3)}8Q~${r(34)}`, (s) => `clientSecret="${s}"`],
  ['Google access token', `ya29.${r(120)}`, (s) => `authorization:"Bearer ${s}"`],
  [
    'Supabase service key',
    `eyJhbGciOiJIUzI1NiJ9.${jwtPart({ iss: 'supabase', role: 'service_role' })}.${r(43)}`,
    (s) => `createClient(u,"${s}")`,
  ],
]

/** Keys that are public by design. */
export const PUBLIC: readonly (readonly [rule: string, secret: string])[] = [
  ['Google API key', `AIza${r(35)}`],
  ['JSON web token', `eyJhbGciOiJIUzI1NiJ9.${jwtPart({ sub: 'ann', role: 'anon' })}.${r(43)}`],
  ['AWS access key id', AWS_ID],
]

/** What documentation writes where secrets would stand, and texts that only begin like one. */
export const HARMLESS: readonly string[] = [
  'AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  `const begin = '${PRIVATE.join('')}', end = '-----END PRIVATE KEY-----'`,
  `ghp_${'x'.repeat(36)}`,
  `sk_live_${'0'.repeat(24)}`,
  'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
  'postgres://user:password@localhost:5432/db',
  'https://user:s3cr3tvalue@example.com/',
  '"https://"+user+":"+password+"@"+host',
  `//registry.example.net/:_authToken=$${'{NPM_TOKEN}'}`,
  'secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY_WITH_A_LONG_NAME',
  'secretAccessKey: SECRET_ACCESS_KEY_OF_THE_STORE_NUMBER_1',
  'new S3Client({ secretAccessKey: settings.secretAccessKeyOfTheProductionStore2026 })',
  'S3_SECRET_ACCESS_KEY=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  '.pul-1234 .r8_container .figd_ .gsk_theme_button',
  'phc_ is for PostHog pages, .xai-panel-and-more, ops_eyJ, CFPAT-, .pat14.entry, pplx-, application/apply-supply',
  `phc_${r(43)}`,
  `integrity="sha384-${r(64, BASE64)}"`,
  `commit ${r(40, HEX)}`,
  'https://cdn.jsdelivr.net/npm/@scope/pkg@1.2.3/dist/a.js',
  'task-sk-something-very-long-that-goes-on-and-on-with-hyphens',
]
