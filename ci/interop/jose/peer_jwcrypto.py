"""PyPI jwcrypto as a peer: a request per line on stdin, an answer per line on stdout, both JSON (see run.py)."""

import base64
import json
import sys

from jwcrypto import jwe, jwk, jws

JWS = "HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA".split()
ALG = ("RSA1_5 RSA-OAEP RSA-OAEP-256 A128KW A192KW A256KW dir ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW "
       "A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW").split()
ENC = "A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM".split()


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def answer(request):
    operation = request["op"]
    if operation == "about":
        return {"jws": JWS, "alg": ALG, "enc": ENC, "curves": ["P-256", "P-384", "P-521", "X25519"], "json": True}
    key = jwk.JWK(**request["key"])
    if operation == "sign":
        token = jws.JWS(raw(request["data"]))
        token.allowed_algs = JWS
        token.add_signature(key, None, json.dumps({"alg": request["alg"]}), None)
        return {"token": token.serialize(compact=not request["json"])}
    if operation == "verify":
        token = jws.JWS()
        token.allowed_algs = [request["alg"]]
        token.deserialize(request["token"], key)
        return {"data": text(token.payload)}
    if operation == "encrypt":
        header = {"alg": request["alg"], "enc": request["enc"]}
        token = jwe.JWE(raw(request["data"]), json.dumps(header), algs=ALG + ENC)
        token.add_recipient(key)
        return {"token": token.serialize(compact=not request["json"])}
    token = jwe.JWE(algs=ALG + ENC)
    token.deserialize(request["token"], key)
    return {"data": text(token.payload)}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:  # whatever the peer throws is its answer
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
