"""Keys made and read by Authlib, PyJWT and jwcrypto. The question is a JSON file, the answer JSON on standard output."""
import base64
import json
import sys

import jwt
from authlib.jose import ECKey, JsonWebKey, KeySet, OctKey, OKPKey, RSAKey
from cryptography.hazmat.primitives import serialization
from jwcrypto import jwk as jwcrypto
from jwt.algorithms import get_default_algorithms

PLAIN = serialization.NoEncryption()
ENCRYPTED = serialization.BestAvailableEncryption(b"secret")


def pem(key, encryption=PLAIN):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def make_jwcrypto():
    kinds = [("RSA 2048", {"kty": "RSA", "size": 2048}), ("RSA 3072", {"kty": "RSA", "size": 3072})]
    kinds += [(curve, {"kty": "EC", "crv": curve}) for curve in ("P-256", "P-384", "P-521")]
    kinds += [(curve, {"kty": "OKP", "crv": curve}) for curve in ("Ed25519", "X25519", "Ed448", "X448")]
    kinds += [("oct", {"kty": "oct", "size": 512})]
    for kind, options in kinds:
        key = jwcrypto.JWK.generate(**options)
        made = {"library": "jwcrypto", "kind": kind, "private": key.export_private() if kind != "oct" else key.export(),
                "thumbprint": key.thumbprint()}
        if kind == "oct":
            made["public"] = made["private"]
        else:
            made["public"] = key.export_public()
            made["public_pem"] = key.export_to_pem().decode()
            # The public part of these is not in the file, and not computed by meshsec.
            if kind not in ("Ed448", "X448"):
                made["pem"] = key.export_to_pem(private_key=True, password=None).decode()
                made["encrypted_pem"] = key.export_to_pem(private_key=True, password=b"secret").decode()
        yield made


def make_authlib():
    kinds = [("RSA 2048", lambda: RSAKey.generate_key(2048, is_private=True)), ("oct", lambda: OctKey.generate_key(512))]
    kinds += [(curve, lambda curve=curve: ECKey.generate_key(curve, is_private=True)) for curve in ("P-256", "P-384", "P-521")]
    kinds += [(curve, lambda curve=curve: OKPKey.generate_key(curve, is_private=True)) for curve in ("Ed25519", "X25519")]
    for kind, generate in kinds:
        key = generate()
        made = {"library": "authlib", "kind": kind, "private": key.as_json(is_private=True), "public": key.as_json(),
                "thumbprint": key.thumbprint()}
        if kind == "oct":
            made["public"] = made["private"]
        else:
            made["pem"] = key.as_pem(is_private=True).decode()
            made["encrypted_pem"] = key.as_pem(is_private=True, password="secret").decode()
            made["public_pem"] = key.as_pem(is_private=False).decode()
        yield made


def make_pyjwt():
    """PyJWT makes no keys, but writes them; jwcrypto says what their thumbprint is."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    kinds = [("RSA 2048", "RS256", rsa.generate_private_key(65537, 2048)), ("RSA 2048, exponent 3", "RS256", rsa.generate_private_key(3, 2048)),
             ("P-256", "ES256", ec.generate_private_key(ec.SECP256R1())), ("P-384", "ES384", ec.generate_private_key(ec.SECP384R1())),
             ("P-521", "ES512", ec.generate_private_key(ec.SECP521R1())), ("Ed25519", "EdDSA", ed25519.Ed25519PrivateKey.generate())]
    algorithms = get_default_algorithms()
    for kind, name, key in kinds:
        private, public = algorithms[name].to_jwk(key), algorithms[name].to_jwk(key.public_key())
        yield {"library": "PyJWT", "kind": kind, "private": private, "public": public, "pem": pem(key), "encrypted_pem": pem(key, ENCRYPTED),
               "thumbprint": jwcrypto.JWK.from_json(public).thumbprint()}


def authlib_thumbprint(key):
    """Authlib (seen with 1.9) leaves out the zeros in front of the coordinates of keys that come from PEM; they are put back first."""
    members = key.as_dict(is_private=False)
    width = {"P-256": 43, "P-384": 64, "P-521": 88}.get(members.get("crv"))
    for name in ("x", "y") if width else ():
        number = base64.urlsafe_b64decode(members[name] + "==")
        members[name] = base64.urlsafe_b64encode(number.rjust(width * 3 // 4, b"\0")).decode().rstrip("=")
    return JsonWebKey.import_key(members).thumbprint()


class Checks:
    def __init__(self):
        self.count, self.problems = 0, []

    def __call__(self, what, check):
        self.count += 1
        try:
            problem = check()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            self.problems.append(f"{what}: {problem}")


def unequal(found, wanted):
    return None if found == wanted else f"{found!r} is not {wanted!r}"


def read(question):
    checks = Checks()
    algorithms = get_default_algorithms()
    for key in question["keys"]:
        alg, thumbprint = key["alg"], key["thumbprint"]
        for half in ("private", "public"):
            if not key[half]:
                continue
            members = json.loads(key[half])
            checks(f"jwcrypto, {alg}, {half}", lambda: unequal(jwcrypto.JWK.from_json(key[half]).thumbprint(), thumbprint))
            checks(f"authlib, {alg}, {half}", lambda: unequal(JsonWebKey.import_key(members).thumbprint(), thumbprint))
            checks(f"PyJWT, {alg}, {half}", lambda: unequal(jwt.PyJWK(members).algorithm_name, alg))
            private = jwcrypto.JWK.from_json(key[half]).has_private if members["kty"] != "oct" else True
            checks(f"jwcrypto, {alg}, {half} is {half}", lambda: unequal(private, half == "private"))
        for form, password in (("pem", None), ("encrypted_pem", b"secret")):
            text = key.get(form)
            if not text:
                continue
            checks(f"jwcrypto, {alg}, {form}", lambda: unequal(jwcrypto.JWK.from_pem(text.encode(), password).thumbprint(), thumbprint))
            checks(f"authlib, {alg}, {form}", lambda: unequal(authlib_thumbprint(JsonWebKey.import_key(text, {"kty": json.loads(key["public"])["kty"], "password": password})), thumbprint))
            checks(f"PyJWT, {alg}, {form}", lambda: algorithms[alg].prepare_key(serialization.load_pem_private_key(text.encode(), password)) and None)
    public = [json.loads(key["public"])["kid"] for key in question["keys"] if key["public"]]
    checks("PyJWT, set", lambda: unequal(sorted(key.key_id for key in jwt.PyJWKSet.from_json(question["set"]).keys), sorted(public)))
    checks("authlib, set", lambda: unequal(sorted(key.kid for key in JsonWebKey.import_key_set(json.loads(question["set"])).keys), sorted(public)))
    checks("jwcrypto, set", lambda: unequal(sorted(key.key_id for key in jwcrypto.JWKSet.from_json(question["set"])["keys"]), sorted(public)))
    return {"checks": checks.count, "problems": checks.problems}


def main():
    question = json.load(open(sys.argv[1]))
    if question["do"] == "make":
        answer = [*make_jwcrypto(), *make_authlib(), *make_pyjwt()]
    else:
        answer = read(question)
    json.dump(answer, sys.stdout)


main()
