/** The only style of the page; the policy of the page names its digest. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1a1d21;--soft:#59616b;--paper:#fff;--line:#d9dde2;--fill:#0b62c4;--rail:#e8ebef}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3abb5;--paper:#15181c;--line:#343a42;--fill:#6cb0ff;--rail:#2a2f36}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:2rem 1rem}
h1{margin:0;font-size:1.75rem}
h2{margin:2rem 0 .5rem;font-size:1.2rem}
.period,.small{color:var(--soft)}
.period{margin:.25rem 0 1.5rem}
.small{font-size:.875rem;font-weight:400}
.sums{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0}
.sums dt{color:var(--soft);font-size:.875rem}
.sums dd{margin:0;font-size:1.4rem;font-variant-numeric:tabular-nums}
.remarks{margin:0;padding-left:1.2rem}
.remarks li{margin:.5rem 0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
:focus-visible{outline:2px solid var(--fill);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th:first-child{text-align:left}
tbody th{font-weight:400;min-width:14rem;white-space:normal;overflow-wrap:anywhere;unicode-bidi:isolate}
thead th{color:var(--soft);font-size:.875rem;font-weight:600}
svg{vertical-align:middle}
rect{fill:var(--fill)}
.rail{fill:var(--rail)}
a{color:var(--fill)}
@media print{main{max-width:none}}
`
