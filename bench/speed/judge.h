// What the fast server of bench/peers.sh lacks of a real one, included into its source: conditional writes, and
// checksums that are verified and echoed. Without them a careful client would be measured at work that no real store
// asks of it: a HEAD before every PUT, an MD5 after it.

static bool says(Req *r, const char *name, char *value, size_t room) {
  size_t length = 0;
  const char *at = hdr(r, name, &length);
  if (!at || length >= room) return false;
  memcpy(value, at, length);
  value[length] = 0;
  return true;
}

/** Whether the header names this ETag, or nothing is asked. */
static bool matches(Req *r, const char *name, const Obj *object) {
  char asked[128];
  if (!says(r, name, asked, sizeof asked)) return true;
  return object && strstr(asked, object->etag);
}

static bool refuse(Conn *c, int code, const char *word) {
  st_other++;
  err(c, code, word, false);
  return true;
}

static Obj *source_of(Req *r) {
  char raw[4096], plain[4096];
  if (!says(r, "x-amz-copy-source", raw, sizeof raw)) return 0;
  udec(plain, raw, strlen(raw), false);
  char *bucket = plain[0] == '/' ? plain + 1 : plain, *key = strchr(bucket, '/');
  if (!key) return 0;
  *key++ = 0;
  Bucket *b = findb(bucket, false);
  return b ? geto(b, key) : 0;
}

/** Whether the bytes have the SHA-256 that came with them, which is then said back. */
static bool is_intact(Req *r) {
  char said[64], ours[64];
  unsigned char digest[32];
  if (!says(r, "x-amz-checksum-sha256", said, sizeof said)) return true;
  EVP_Digest(r->body, r->bl, digest, 0, EVP_sha256(), 0);
  EVP_EncodeBlock((unsigned char *)ours, digest, sizeof digest);
  if (strcmp(said, ours)) return false;
  sprintf(also, "x-amz-checksum-sha256: %s\r\n", ours);
  return true;
}

/** Whether the request was answered here, because something that it says does not hold. */
static bool judged(Conn *c, Req *r) {
  also[0] = 0;
  bool put = !strcmp(r->m, "PUT");
  if (!put && strcmp(r->m, "DELETE")) return false;
  char path[4096], asked[128];
  udec(path, r->path, strlen(r->path), false);
  char *key = strchr(path + 1, '/');
  if (!key || !key[1]) return false;
  *key++ = 0;
  Bucket *b = findb(path + 1, false);
  Obj *object = b ? geto(b, key) : 0;
  bool absent = says(r, "if-none-match", asked, sizeof asked) && !strcmp(asked, "*");
  if (put && absent && object) return refuse(c, 412, "PreconditionFailed");
  if (!matches(r, "if-match", object)) {
    return object ? refuse(c, 412, "PreconditionFailed") : refuse(c, 404, "NoSuchKey");
  }
  if (put && !matches(r, "x-amz-copy-source-if-match", source_of(r))) return refuse(c, 412, "PreconditionFailed");
  if (put && !is_intact(r)) return refuse(c, 400, "BadDigest");
  return false;
}
