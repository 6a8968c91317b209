"""What is taken for a secret, and what is not."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.records.secrets import Redactor, hidden, secret_name, secret_of, secret_text

_SECRET = """
    password passwd pwd PASSWORD dbPassword db_password passphrase secret client_secret clientSecret
    secrets token api_token apiToken hf_token slack_token GITHUB_TOKEN access_token refresh-token
    apikey api_key API_KEY apiKey aws_secret_access_key secret_key private_key ssh_key account_key
    credential credentials creds aws_creds auth basic_auth authorization conn conn_str
    connection_string dsn bearer jwt session_cookie user_pass password_value secret_token
"""
_ORDINARY = """
    keyword keywords keyboard monkey turkey key keys partition_key sort_key primary_key foreign_key
    group_key join_key key_column tokens token_count max_tokens num_tokens tokenizer token_id
    eos_token bos_token pad_token sep_token cls_token mask_token unk_token stop_token next_token
    page_token author authors authority author_name oauth_url auth_mode auth_method connection
    connections conn_timeout connect max_conn_count secretary secret_name secret_santa
    password_policy password_length password_hint credential_id compass passenger passes bypass
    passed passing surpass pass_rate password_file token_limit path region day batch rows name n x
    model data config threshold learning_rate seed country kennel donkey keynote token_type
    description credits accredited discredit cookies_eaten access accessible public_key
"""


@pytest.mark.parametrize("name", _SECRET.split())
def test_names_of_secrets(name: str) -> None:
    """A text under such a name is not recorded."""
    assert secret_name(name)
    assert secret_of(name, "hunter2") == "its name"


@pytest.mark.parametrize("name", _ORDINARY.split())
def test_ordinary_names(name: str) -> None:
    """A name that only contains the letters of a secret's stays recorded."""
    assert not secret_name(name)
    assert secret_of(name, "plain") is None


@pytest.mark.parametrize("value", [None, True, False, 0, 5, 2.5, [], {}, (), [1, 2], {"a": 1}])
def test_what_is_no_text_is_no_secret(value: object) -> None:
    """``auth=True`` and ``token=5`` say nothing that must be hidden."""
    assert secret_of("token", value) is None


_HEX, _WORD = "0123456789abcdef", string.ascii_letters + string.digits


def _run(signs: str, size: int) -> st.SearchStrategy[str]:
    return st.text(signs, min_size=size, max_size=size)


_SECRETS = st.one_of(
    _run(string.ascii_uppercase + "234567", 16).map("AKIA{}".format),
    _run(_WORD, 36).map("ghp_{}".format),
    _run(_WORD, 40).map("github_pat_{}".format),
    _run(_WORD, 20).map("glpat-{}".format),
    _run(_WORD, 24).map("xoxb-{}".format),
    _run(_WORD, 35).map("AIza{}".format),
    _run(_WORD, 48).map("sk-proj-{}".format),
    _run(_WORD, 34).map("hf_{}".format),
    _run(_WORD, 20).map(lambda t: f"eyJ{t}.eyJ{t}.{t}"),
    _run(_WORD, 60).map(
        lambda t: f"-----BEGIN RSA PRIVATE KEY-----\n{t}\n-----END RSA PRIVATE KEY-----"
    ),
    _run(_WORD, 12).map(lambda t: f"postgres://ann:{t}@host/db"),
    _run(_WORD, 12).map(lambda t: f"Server=x;Password={t};Encrypt=yes"),
    _run(_WORD, 12).map(lambda t: f"host=db user=ann password={t}"),
    _run(_HEX, 64).map(lambda t: f"https://b.s3.amazonaws.com/k?X-Amz-Signature={t}"),
)
_AROUND = st.sampled_from(["", " ", "key: ", "'", '"', "\n", "(", "url="])


@given(_SECRETS, _AROUND, st.sampled_from(["", " ", "'", '"', "\n", ")", ", and"]))
def test_texts_that_look_like_secrets(secret: str, before: str, after: str) -> None:
    """Each issuer's form is found wherever it stands, and nothing of it is left."""
    text = f"{before}{secret}{after}"
    assert secret_text(text) is not None
    assert secret_of("x", {"a": [text]}) is not None
    assert secret_of("x", text.encode()) is not None
    told = hidden(text)
    assert secret_text(told) is None
    assert _longest(secret) not in told


def _longest(text: str) -> str:
    """The part of a secret that is one."""
    parts = text.replace("@", ":").replace("=", ":").replace("\n", ":").replace(".", ":")
    return max((p for p in parts.replace(";", ":").split(":") if "PRIVATE" not in p), key=len)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/path?page=2",
        "heirloom://default/sales@7",
        "s3://bucket/key@2026",
        "postgres://host/db",
        "https://user@host/",
        "http://host:8080/a@b",
        "see http://a.b:80/x and mail ann@b.org",
        "ssh://git@github.com/a/b",
        "sha256:" + "0123456789abcdef" * 4,
        "AKIA is how they begin",
        "a password=  is asked for",
        "def f(password=None): ...",
        "connect(host, password=getpass.getpass(), timeout=3)",
        "ghp_short",
        "sk-learn and sk-learn-contrib are libraries",
        "task-oriented-dialogue-systems-and-their-long-names",
        "eyJhbGciOi.notajwt",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "2026-01-31T00:00:00Z",
        "550e8400-e29b-41d4-a716-446655440000",
        "hf_hub_download",
    ],
)
def test_texts_that_do_not(text: str) -> None:
    """Ordinary URLs, digests, ids and prose are recorded as they are."""
    assert secret_text(text) is None
    assert hidden(text) == text


@given(st.text(string.ascii_lowercase + string.digits + " _-./:,", max_size=80))
def test_plain_words_are_no_secret(text: str) -> None:
    """Lower case words without an issuer's prefix never fire, whatever they are."""
    prefixes = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "xox", "hf_", "npm_", "dapi")
    if not any(prefix in text for prefix in (*prefixes, "sk-", "k_live_", "github_pat_")):
        assert secret_text(text) is None


def test_names_inside_a_value_count() -> None:
    """A mapping with a password in it is a secret as a whole; an empty password is none."""
    assert (
        secret_of("config", {"host": "h", "db": {"password": "x"}}) == "the name 'password' in it"
    )
    assert secret_of("config", {"password": ""}) is None
    assert secret_of("config", {"password": None, "token": 3}) is None
    assert secret_of("credentials", {"user": "ann"}) == "its name"


def test_a_redactor_hides_what_it_has_seen() -> None:
    """A secret that passed by is not told by an error's text, however it is quoted there."""
    redactor = Redactor()
    redactor.learn({"password": "hunter2\n", "user": "ann"})
    told = redactor.hide("wrong: 'hunter2\\n' and hunter2\n for anna")
    assert "hunter2" not in told
    assert "for anna" in told
