import { type ContentRule, isPlaceholder } from './rule.ts'

/** Not in the middle of a word, but at once behind an escaped line break: `"A=1\nghp_…"`. */
const START = '(?:(?<!\\w)|(?<=\\\\[nrt]))'

const accepts = (match: RegExpExecArray): boolean => !isPlaceholder(match[1] ?? match[0])

/** A token that its issuer made recognisable: a prefix, then random characters. */
function token(name: string, anchors: string | readonly string[], rest: string): ContentRule {
  const prefixes = typeof anchors === 'string' ? [anchors] : anchors
  const either = prefixes.map((prefix) => prefix.replace(/\./g, '\\.')).join('|')
  const pattern = new RegExp(`${START}(?:${either})${rest}(?!\\w)`, 'y')
  return { name, level: 'stop', anchors: prefixes, pattern, accepts }
}

/** A value that is recognized only by the name before it; the name's first three letters in either case. */
function named(name: string, words: readonly string[], value: string): ContentRule {
  const anchors = words.flatMap((word) => [word, word.toUpperCase()])
  const pattern = new RegExp(`(?:${words.join('|')})\\\\?["'\`]?\\s{0,5}[:=]\\s{0,5}\\\\?["'\`]?(${value})`, 'iy')
  return { name, level: 'stop', anchors, pattern, accepts }
}

/** Tokens in the formats that their issuers document for secret scanners. */
export const TOKEN_RULES: readonly ContentRule[] = [
  token('GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], '[A-Za-z0-9]{36,255}'),
  token('GitHub token', 'github_pat_', '[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'),
  token('GitLab token', ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'gloas-', 'glsoat-'], '[\\w-]{20,300}'),
  token('GitLab token', ['glft-', 'glimt-', 'glagent-', 'glffct-'], '[\\w-]{20,300}'),
  token(
    'Slack token',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxc-', 'xoxe-', 'xoxe.', 'xapp-'],
    '[\\w.-]{20,300}',
  ),
  token('Slack token', 'xoxd-', '[\\w.%+/-]{20,400}={0,2}'), // a cookie, often percent-encoded
  token('Slack webhook', 'hooks.slack.com/services/', 'T\\w{8,12}/B\\w{8,12}/(\\w{20,30})'),
  token('Slack webhook', 'hooks.slack.com/workflows/', 'T\\w{8,12}/A\\w{8,12}/\\d{16,20}/(\\w{20,30})'),
  token('Stripe live key', ['sk_live_', 'rk_live_', 'sk_org_live_'], '[A-Za-z0-9]{16,250}'),
  token('Stripe webhook secret', 'whsec_', '[A-Za-z0-9+/]{32,100}'),
  token('SendGrid key', 'SG.', '[\\w-]{22}\\.[\\w-]{43}'),
  token('Twilio key', hexAnchors('SK'), '[0-9a-f]{31}'),
  token('npm token', 'npm_', '[A-Za-z0-9]{36}'),
  token('PyPI token', 'pypi-', 'AgE[\\w-]{50,1000}'),
  token('OpenAI key', ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], '[\\w-]{40,300}'),
  token('OpenAI key', 'sk-', '[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}'),
  token('Anthropic key', 'sk-ant-', '(?:api|admin|oat)\\d\\d-[\\w-]{60,200}'),
  token('OpenRouter key', 'sk-or-v1-', '[0-9a-f]{64}'),
  token('xAI key', 'xai-', '[A-Za-z0-9]{80}'),
  token('Perplexity key', 'pplx-', '[A-Za-z0-9]{48}'),
  token('NVIDIA key', 'nvapi-', '[\\w-]{60,70}'),
  token('Amazon Bedrock key', 'ABSKQmVkcm9ja0FQSUtleS', '[A-Za-z0-9+/]{91,251}={0,2}'),
  token('LangSmith key', ['lsv2_pt_', 'lsv2_sk_'], '[0-9a-f]{32}_[0-9a-f]{10}'),
  token('Pinecone key', 'pcsk_', '[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}'),
  token('Cloudflare origin key', 'v1.0-', '[0-9a-f]{24}-[0-9a-f]{146}'),
  token('DigitalOcean token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], '[0-9a-f]{64}'),
  token('Google client secret', 'GOCSPX-', '[\\w-]{28}'),
  token('Mailgun key', 'key-', '[0-9a-f]{32}'),
  token('Shopify token', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], '[0-9a-fA-F]{32}'),
  token('Square token', ['sq0atp-', 'sq0csp-'], '[\\w-]{22,43}'),
  token('Heroku key', 'HRKU-', 'AA[\\w-]{58}'),
  token('Hugging Face token', 'hf_', '[A-Za-z]{34}'),
  token('Docker token', ['dckr_pat_', 'dckr_oat_'], '[\\w-]{27,32}'),
  token('Databricks token', 'dapi', '[0-9a-f]{32}'),
  token('Linear key', 'lin_api_', '[A-Za-z0-9]{40}'),
  token('Linear key', 'lin_oauth_', '[0-9a-f]{64}'),
  token('Notion token', 'secret_', '[A-Za-z0-9]{43}'),
  token('Notion token', 'ntn_', '\\d{11}[A-Za-z0-9]{35}'),
  token('Airtable token', 'pat', '[A-Za-z0-9]{14}\\.[0-9a-f]{64}'),
  token('Doppler token', ['dp.pt.', 'dp.ct.', 'dp.sa.'], '[A-Za-z0-9]{40,44}'),
  token('Doppler token', 'dp.st.', '(?:[\\w-]{2,35}\\.)?[A-Za-z0-9]{40,44}'),
  token('Vault token', ['hvs.', 'hvb.'], '[\\w-]{90,300}'),
  token('Grafana token', 'glsa_', '[A-Za-z0-9]{32}_[0-9a-fA-F]{8}'),
  token('New Relic key', 'NRAK-', '[A-Z0-9]{27}'),
  token('PlanetScale token', ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'], '[\\w.=-]{32,64}'),
  token('Supabase token', 'sbp_', '[0-9a-f]{40}'),
  token('Supabase token', 'sb_secret_', '[\\w-]{31}'),
  token('Postman key', 'PMAK-', '[0-9a-f]{24}-[0-9a-f]{34}'),
  token('Sentry token', ['sntrys_', 'sntryu_'], '[\\w+/=-]{60,400}'),
  token('Netlify token', 'nfp_', '[A-Za-z0-9]{36}'),
  token('Mapbox secret token', 'sk.eyJ', '[\\w-]{20,300}\\.[\\w-]{20,100}'),
  token('Atlassian token', ['ATATT3xFfGF0', 'ATCTT3xFfGN0'], '[\\w=-]{100,250}'),
  token('Figma token', 'figd_', '[\\w-]{38,60}'),
  token('Tailscale key', 'tskey-', '(?:auth|api|client|webhook)-\\w{10,30}-\\w{20,60}'),
  token('Groq key', 'gsk_', '[A-Za-z0-9]{52}'),
  token('Replicate token', 'r8_', '[A-Za-z0-9]{37}'),
  token('Brevo key', 'xkeysib-', '[0-9a-f]{64}-[A-Za-z0-9]{16}'),
  token('RubyGems key', 'rubygems_', '[0-9a-f]{48}'),
  token('Vercel Blob token', 'vercel_blob_rw_', '[A-Za-z0-9]{16}_[A-Za-z0-9]{30}'),
  token('Pulumi token', 'pul-', '[0-9a-f]{40}'),
  token('Google access token', 'ya29.', '[\\w-]{60,400}'),
  token('Dynatrace token', 'dt0c01.', '[A-Z0-9]{24}\\.[A-Z0-9]{64}'),
  token('1Password token', 'ops_eyJ', '[A-Za-z0-9+/]{250,2000}={0,2}'),
  token('Contentful token', 'CFPAT-', '[\\w-]{43}'),
  token('PostHog personal key', 'phx_', '[A-Za-z0-9]{43,48}'),
  token('Buildkite token', 'bkua_', '[0-9a-f]{40}'),
  token('CircleCI token', 'CCIPAT_', '[A-Za-z0-9]{22}_[0-9a-f]{40}'),
  token('Sourcegraph token', 'sgp_', '(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}'),
  token('age key', 'AGE-SECRET-KEY-1', '[0-9A-Z]{58}'),
  token('Discord webhook', ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'], '\\d{17,20}/([\\w-]{60,80})'),
  {
    name: 'Telegram bot token',
    level: 'stop',
    anchors: [':AA'],
    pattern: /(?<=(?<!\d)\d{8,10}):AA[\w-]{33}(?![\w-])/y,
    accepts,
  },
  {
    name: 'Terraform token',
    level: 'stop',
    anchors: ['.atlasv1.'],
    pattern: /(?<=(?<!\w)\w{14})\.atlasv1\.[\w-]{60,70}/y,
    accepts,
  },
  {
    name: 'Azure client secret',
    level: 'stop',
    anchors: [...'0123456789'].map((digit) => `${digit}Q~`),
    pattern: /(?<=(?<![\w~.-])[\w~.]{3})\dQ~[\w~.-]{31,34}(?![\w~-])/y,
    accepts,
  },
  {
    name: 'Mailchimp key',
    level: 'stop',
    anchors: ['-us'],
    pattern: /(?<=(?<!\w)[0-9a-f]{32})-us\d{1,2}(?!\w)/y,
    sample: () => '',
  },
  named('Cloudflare token', ['cloudflare_api_token', 'cloudflare_api_key', 'cf_api_token'], '[\\w-]{37,40}'),
  named('npm token', ['_authtoken', '_authToken'], '[^\\s"\'`\\\\{}$]{16,300}'),
  named('Azure storage key', ['AccountKey'], '[A-Za-z0-9+/]{86}=='),
  named('Azure shared key', ['SharedAccessKey'], '[A-Za-z0-9+/]{43}='),
  named('Google service account', ['private_key_id'], '[0-9a-f]{40}'),
]

/** `SK0` … `SKf`: an anchor has three characters. */
function hexAnchors(prefix: string): readonly string[] {
  return [...'0123456789abcdef'].map((digit) => prefix + digit)
}
