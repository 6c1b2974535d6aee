"""Which family a model is of, as far as its name tells: judges favour their own kin, so it must be said.

Names come with providers, hosts, sizes, dates and quantisations around them; what counts is the words in
them. A name may tell of several families: a distilled model has a teacher and a base.
"""

from __future__ import annotations

import itertools
import re

# Words that name a family wherever they stand. Digits next to a word are not part of it ("qwen2", "phi4").
_WORDS: dict[str, tuple[str, ...]] = {
    "baichuan": ("baichuan",),
    "claude": ("claude", "sonnet", "haiku", "opus"),
    "cohere": ("cohere", "aya"),
    "dbrx": ("dbrx",),
    "deepseek": ("deepseek",),
    "doubao": ("doubao",),
    "ernie": ("ernie",),
    "exaone": ("exaone",),
    "falcon": ("falcon",),
    "gemini": ("gemini", "learnlm"),
    "gemma": ("gemma", "codegemma", "medgemma", "paligemma", "recurrentgemma", "shieldgemma", "txgemma"),
    "gigachat": ("gigachat",),
    "glm": ("glm", "chatglm", "cogvlm", "codegeex"),
    "gpt": ("gpt", "chatgpt", "davinci", "codex"),
    "granite": ("granite",),
    "grok": ("grok",),
    "hunyuan": ("hunyuan",),
    "internlm": ("internlm", "internvl"),
    "jamba": ("jamba",),
    "kimi": ("kimi", "moonshot"),
    "llama": ("llama", "codellama", "llamaguard", "vicuna", "alpaca"),
    "minimax": ("minimax", "abab"),
    "mistral": ("mistral", "mixtral", "ministral", "magistral", "codestral", "devstral", "mathstral",
                "pixtral", "voxtral", "zephyr"),
    "nemotron": ("nemotron",),
    "olmo": ("olmo", "olmoe", "molmo"),
    "phi": ("phi",),
    "qwen": ("qwen", "qwq", "qvq", "codeqwen", "qwenvl", "tongyi"),
    "smollm": ("smollm", "smolvlm"),
    "solar": ("solar",),
    "starcoder": ("starcoder",),
    "yandexgpt": ("yandexgpt",),
}  # fmt: skip
_FAMILY_OF = {word: family for family, words in _WORDS.items() for word in words}

# Words that name one only beside another: "command" is a word of its own, and not every GPT is OpenAI's.
_PAIRS = {
    ("command", "r"): "cohere",
    ("command", "a"): "cohere",
    ("command", "light"): "cohere",
    ("command", "nightly"): "cohere",
    ("amazon", "nova"): "nova",
    ("gpt", "j"): "eleuther",
    ("gpt", "neo"): "eleuther",
    ("gpt", "neox"): "eleuther",
}
# What serves models of any family, although it is called like one.
_HOSTS = {"llamafile", "llamacpp", "llama.cpp", "llama-cpp", "llama_cpp", "ollama", "ollama_chat"}
_O_SERIES = re.compile(r"o[1-9](?![a-z0-9])")  # "o3-mini"; never inside a name ("marco-o1")
_YI = re.compile(r"yi(?![a-z])")
_PUBLISHERS = {"anthropic": "claude", "moonshotai": "kimi", "zhipuai": "glm"}  # when nothing else tells


def families(name: str) -> frozenset[str]:
    """The families that a model's name tells of; empty when it tells of none.

    Arguments:
        name: an id or specification, with or without provider, host and options.

    >>> sorted(families("together_ai/deepseek-ai/DeepSeek-R1-Distill-Llama-70B"))
    ['deepseek', 'llama']
    >>> families("bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0")
    frozenset({'claude'})
    >>> families("azure/our-deployment")
    frozenset()
    """
    parts = _parts(name)
    words = [word for part in parts for word in re.findall(r"[a-z]+", part)]
    pairs = {pair: _PAIRS[pair] for pair in itertools.pairwise(words) if pair in _PAIRS}
    paired = {word for pair in pairs for word in pair}
    found = {_FAMILY_OF[word] for word in words if word in _FAMILY_OF and word not in paired}
    found |= set(pairs.values())
    found |= {"gpt" for part in parts if _O_SERIES.match(part)} | {"yi" for part in parts if _YI.match(part)}
    return frozenset(found or {_PUBLISHERS[word] for word in words if word in _PUBLISHERS})


def same_model(first: str, second: str) -> bool:
    """Whether two names are of one model, whoever serves it.

    >>> same_model("openai/gpt-4o", "openrouter/openai/gpt-4o")
    True
    >>> same_model("openai/gpt-4o", "openai/gpt-4o-mini")
    False
    """
    one, other = _parts(first), _parts(second)
    return bool(one) and bool(other) and one[-1] == other[-1]


def _parts(name: str) -> list[str]:
    """The name between slashes, in lower case, without options and without a host's own name."""
    parts = [part for part in re.split(r"[?#\s]", name.strip(), maxsplit=1)[0].lower().split("/") if part]
    return parts[1:] if len(parts) > 1 and parts[0] in _HOSTS else parts
