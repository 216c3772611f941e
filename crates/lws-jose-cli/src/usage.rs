//! What `--help` says.

const GENERAL: &str = "\
JSON Web Keys, Signatures, Encryption and Tokens (RFC 7515 to 7519).

usage: lws-jose jwk gen       makes a key                       lws-jose jws sign      payload in, token out
       lws-jose jwk pub       its public half                   lws-jose jws verify    token in, payload out
       lws-jose jwk thp       its thumbprint (RFC 7638)         lws-jose jwe encrypt   plaintext in, token out
       lws-jose jwk from-pem  a key from PEM                    lws-jose jwe decrypt   token in, plaintext out
       lws-jose jwk to-pem    PEM from a key                    lws-jose jwt decode    token in, claims out
       lws-jose jwk x509      a key from a certificate          lws-jose alg           what there is, as JSON

Input is the standard input or -i FILE; output is the standard output or -o FILE (of mode 0600).
A KEY is a file with a JWK or a JWK set, - for the standard input, or the JSON itself.

options of all:
  --backend NAME   the cryptographic library: rustls (default)OTHERS
  -i, --input FILE    -o, --output FILE

lws-jose NOUN VERB --help tells more, with examples.
Exit status: 0 done, 1 the token is refused, 2 wrong arguments, files or keys.
";

const JWK: &str = "\
usage: lws-jose jwk gen (--alg ALG [--enc ENC] | --kty KTY) [--bits N] [--crv CRV] [options]
       lws-jose jwk pub [-k KEY]
       lws-jose jwk thp [-k KEY]
       lws-jose jwk from-pem
       lws-jose jwk to-pem [-k KEY] [--public]
       lws-jose jwk x509 [--key PEMFILE] [--trust PEMFILE [--host NAME] [--now SECONDS]]

options of gen:
  --alg ALG        what the key is for: it will have this `alg`; dir needs --enc
  --kty KTY        oct (default 256 bits), RSA (2048), EC (P-256) or OKP (Ed25519)
  --bits N         size, for oct and RSA
  --crv CRV        P-256, P-384, P-521, Ed25519 or X25519
  --kid NAME       its name; without, the thumbprint is, but for symmetric keys
  --no-kid         no name
  --use USE        sig or enc        --key-ops OPS   such as sign,verify
options of from-pem: --kid, --no-kid, --use, --alg, --key-ops as above
options of x509:
  --key PEMFILE    attaches the private key, which must belong to the certificate
  --trust PEMFILE  verifies the certificate up to one of these; --now is needed, in seconds since 1970
  --host NAME      and for this name
  --strict         by the rules of web browsers, not the lenient ones of lws

examples:
  lws-jose jwk gen --alg ES256 -o key.jwk
  lws-jose jwk pub -k key.jwk > public.jwk
  lws-jose jwk from-pem -i key.pem --kid 2026 | lws-jose jwk thp
  lws-jose jwk x509 -i chain.pem --trust ca.pem --now $(date +%s)
";

const JWS: &str = "\
usage: lws-jose jws sign -k KEY [--alg ALG] [options]
       lws-jose jws verify -k KEY --alg ALG[,ALG...] [options]

options of sign:
  --alg ALG        how; not needed if the key has an `alg`, or can do one thing only
  --json           the flattened JSON form; with several -k (and --alg, in the same order) the general one
  --detach         leaves the payload out
  --unencoded      signs the payload as it is (RFC 7797, b64:false)
  --typ TYP        adds `typ`        --header JSON   adds the members of this object
  --no-kid         leaves the key's `kid` out
options of verify:
  --alg ALGS       what is accepted. Not needed if every key has an `alg`
  --detached FILE  the payload of a token without
  --all            every signature of a JSON form must be good, not just one
  --details        answers with JSON: alg, kid of the key, header, payload in base64url

examples:
  echo hello | lws-jose jws sign -k key.jwk --alg ES256 > token
  lws-jose jws verify -k public.jwk --alg ES256 -i token
";

const JWE: &str = "\
usage: lws-jose jwe encrypt -k KEY --alg ALG --enc ENC [options]
       lws-jose jwe decrypt -k KEY --alg ALG[,ALG...] --enc ENC[,ENC...] [options]

options of encrypt:
  --alg ALG        not needed if the key has an `alg`        --enc ENC   default A256GCM
  --json           the flattened JSON form; with several -k (and --alg, in the same order) the general one
  --aad FILE       further authenticated data, for --json
  --p2c N          iterations for PBES2        --apu TEXT, --apv TEXT   parties for ECDH-ES
  --header JSON    adds the members of this object        --no-kid   leaves the key's `kid` out
options of decrypt:
  --alg, --enc     what is accepted. --alg is not needed if every key has an `alg`; --enc is by default every one
  --unsafe-rsa1-5  accepts RSA1_5 too, if --alg has it
  --details        answers with JSON: alg, enc, kid of the key, header, plaintext in base64url
options of both:
  --password-file FILE   the content of FILE, without a line end, instead of -k

examples:
  lws-jose jwe encrypt -k public.jwk --alg ECDH-ES+A256KW --enc A256GCM -i plain.txt > token
  lws-jose jwe decrypt -k key.jwk --alg ECDH-ES+A256KW -i token
";

const JWT: &str = "\
usage: lws-jose jwt decode -k KEY --alg ALG[,ALG...] --now SECONDS [options]
       lws-jose jwt decode --unverified

Answers with JSON: {\"verified\":true,\"header\":{...},\"claims\":{...}}.

options:
  --now SECONDS    since 1970, such as $(date +%s): the tool reads no clock
  --leeway N       seconds that clocks may differ
  --iss ISS        --sub SUB   --aud AUD   --typ TYP   what must be there
  --no-exp         accepts tokens without `exp`
  --unverified     shows what a token says, whoever made it: \"verified\" is false

examples:
  lws-jose jwt decode -k jwks.json --alg RS256,ES256 --iss https://example.com --aud me --now $(date +%s) -i token
  lws-jose jwt decode --unverified -i token
";

const ALG: &str = "\
usage: lws-jose alg

Answers with JSON: every algorithm, and whether the library can do it.

examples:
  lws-jose alg
  lws-jose --backend rustls alg
";

/// For the noun that is among the words, else in general.
pub(crate) fn text(words: &[String]) -> String {
    let noun = words.iter().find_map(|word| match word.as_str() {
        "jwk" => Some(JWK),
        "jws" => Some(JWS),
        "jwe" => Some(JWE),
        "jwt" => Some(JWT),
        "alg" => Some(ALG),
        _ => None,
    });
    let others: String = super::backend::NAMES.iter().skip(1).map(|name| format!(", {name}")).collect();
    noun.unwrap_or(GENERAL).replace("OTHERS", &others)
}
