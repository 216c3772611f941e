"""PyPI joserfc as a peer: a request per line on stdin, an answer per line on stdout, both JSON (see run.py)."""

import base64
import json
import sys
import warnings

from joserfc import jwe, jws
from joserfc.jwk import import_key

warnings.simplefilter("ignore")

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
    key = import_key(request["key"])
    if operation == "sign":
        header = {"alg": request["alg"]}
        if request["json"]:
            token = jws.serialize_json({"protected": header}, raw(request["data"]), key, algorithms=JWS)
            return {"token": json.dumps(token)}
        return {"token": jws.serialize_compact(header, raw(request["data"]), key, algorithms=JWS)}
    if operation == "verify":
        if request["json"]:
            return {"data": text(jws.deserialize_json(json.loads(request["token"]), key, algorithms=JWS).payload)}
        return {"data": text(jws.deserialize_compact(request["token"], key, algorithms=JWS).payload)}
    if operation == "encrypt":
        header = {"alg": request["alg"], "enc": request["enc"]}
        if request["json"]:
            token = jwe.FlattenedJSONEncryption({"enc": request["enc"]}, raw(request["data"]))
            token.add_recipient({"alg": request["alg"]}, key)
            return {"token": json.dumps(jwe.encrypt_json(token, None, algorithms=ALG + ENC))}
        return {"token": jwe.encrypt_compact(header, raw(request["data"]), key, algorithms=ALG + ENC)}
    if request["json"]:
        return {"data": text(jwe.decrypt_json(json.loads(request["token"]), key, algorithms=ALG + ENC).plaintext)}
    return {"data": text(jwe.decrypt_compact(request["token"], key, algorithms=ALG + ENC).plaintext)}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:  # whatever the peer throws is its answer
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
