// npm jose as a peer: a request per line on stdin, an answer per line on stdout, both JSON (see run.py).
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are installed below target/, which the caller names.
const require = createRequire(pathToFileURL(process.argv[2] + "/"));
const jose = await import(pathToFileURL(require.resolve("jose")).href);

const JWS = "HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA".split(" ");
// RSA1_5 was removed from this package; PBES2 is only decrypted when asked, which is done here.
const ALG = (
  "RSA-OAEP RSA-OAEP-256 A128KW A192KW A256KW dir ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW " +
  "A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW"
).split(" ");
const ENC = "A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM".split(" ");
const raw = (text) => jose.base64url.decode(text);
const text = (bytes) => jose.base64url.encode(bytes);

async function answer({ op, alg, enc, key, data, token, json }) {
  if (op === "about") {
    return { jws: JWS, alg: ALG, enc: ENC, curves: ["P-256", "P-384", "P-521", "X25519"], json: true };
  }
  const { alg: _, ...bare } = key;
  const imported = bare.kty === "oct" ? raw(bare.k) : await jose.importJWK(bare, alg);
  if (op === "sign") {
    const signer = new (json ? jose.FlattenedSign : jose.CompactSign)(raw(data)).setProtectedHeader({ alg });
    const made = await signer.sign(imported);
    return { token: json ? JSON.stringify(made) : made };
  }
  if (op === "verify") {
    const options = { algorithms: [alg] };
    const good = json
      ? await jose.flattenedVerify(JSON.parse(token), imported, options)
      : await jose.compactVerify(token, imported, options);
    return { data: text(good.payload) };
  }
  if (op === "encrypt") {
    const encrypter = new (json ? jose.FlattenedEncrypt : jose.CompactEncrypt)(raw(data)).setProtectedHeader({ alg, enc });
    const made = await encrypter.encrypt(imported);
    return { token: json ? JSON.stringify(made) : made };
  }
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc], maxPBES2Count: 100000 };
  const opened = json
    ? await jose.flattenedDecrypt(JSON.parse(token), imported, options)
    : await jose.compactDecrypt(token, imported, options);
  return { data: text(opened.plaintext) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { error: String(error) }; // whatever the peer throws is its answer
  }
  console.log(JSON.stringify(reply));
}
