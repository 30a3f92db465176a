"""Mints and verifies tokens with libraries of Python. One task per line of standard input, one answer per line of standard output."""
import json
import sys
import warnings

warnings.filterwarnings("ignore")


def pyjwt_key(jwk, alg):
    import jwt
    return jwt.PyJWK(jwk, algorithm=alg).key


def pyjwt(task):
    import jwt
    if task["do"] == "mint":
        headers = {"kid": task["kid"]}
        return {"token": jwt.encode(task["claims"], pyjwt_key(task["key"], task["alg"]), algorithm=task["alg"], headers=headers)}
    options = {"require": ["exp", "iss", "aud"]}
    claims = jwt.decode(task["token"], pyjwt_key(task["key"], task["alg"]), algorithms=[task["alg"]], audience=task["aud"], options=options)
    return {"ok": True, "claims": claims}


def authlib(task):
    from authlib.jose import JsonWebKey, JsonWebToken
    tokens = JsonWebToken([task["alg"]])
    key = JsonWebKey.import_key(task["key"])
    if task["do"] == "mint":
        return {"token": tokens.encode({"alg": task["alg"], "kid": task["kid"]}, task["claims"], key).decode()}
    claims = tokens.decode(task["token"], key, claims_options={"aud": {"essential": True, "value": task["aud"]}})
    claims.validate()
    return {"ok": True, "claims": dict(claims)}


def jwcrypto(task):
    from jwcrypto import jwk, jwt
    key = jwk.JWK(**task["key"])
    if task["do"] == "mint":
        token = jwt.JWT(header={"alg": task["alg"], "kid": task["kid"]}, claims=task["claims"])
        token.make_signed_token(key)
        return {"token": token.serialize()}
    token = jwt.JWT(jwt=task["token"], key=key, algs=[task["alg"]], check_claims={"aud": task["aud"], "exp": None})
    return {"ok": True, "claims": json.loads(token.claims)}


for line in sys.stdin:
    task = json.loads(line)
    try:
        answer = {"pyjwt": pyjwt, "authlib": authlib, "jwcrypto": jwcrypto}[task["library"]](task)
    except Exception as error:
        answer = {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer))
