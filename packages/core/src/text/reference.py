"""Writes reference.json with Hugging Face's tokenizers: byte-level BPE and WordPiece, trained and applied.

pip install tokenizers==0.23.3; python reference.py
"""
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

words = 'the a small large cat dog bird sees hears follows another every house tree river and or is not quite 12 345'
corpus = []
state = 7
for line in range(200):
    picked = []
    for _ in range(3 + line % 9):
        state = (state * 1103515245 + 12345) % 2**31
        picked.append(words.split()[(state >> 8) % len(words.split())])
    corpus.append(' '.join(picked).capitalize() + ('.', '!', "? It's", '  ', '\n\tÄrger über Größe', ' 日本語日本')[line % 6])
texts = corpus[:6] + [
    '', ' ', 'aaaaaaaaa', "I'd've thought: they'll  see\u00a0 it…", 'naïve Größe ＦＵＬＬ', '日本語の猫 🐈‍⬛ ok', '<pad> is text',
    'tabs\t\tand\r\nlines\n\n', '\ufeffmark\u2028 \u0085', '1234567 3.14',
]

bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
bpe.train_from_iterator(corpus, trainers.BpeTrainer(
    vocab_size=400, special_tokens=['<pad>', '<s>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    min_frequency=2, show_progress=False))
bpe_model = json.loads(bpe.to_str())['model']
# No added tokens: like BpeTokenizer, encodes text that looks like a special token as text.
plain = Tokenizer(models.BPE(vocab=bpe.get_vocab(), merges=[tuple(merge) for merge in bpe_model['merges']]))
plain.pre_tokenizer = bpe.pre_tokenizer

piece = Tokenizer(models.WordPiece(unk_token='[UNK]'))
piece.normalizer = normalizers.BertNormalizer(lowercase=True)
piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
piece.decoder = decoders.WordPiece()
piece.train_from_iterator(corpus, trainers.WordPieceTrainer(
    vocab_size=120, special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'], show_progress=False))
ids = piece.get_vocab()
piece.post_processor = processors.BertProcessing(('[SEP]', ids['[SEP]']), ('[CLS]', ids['[CLS]']))

pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps({
    'corpus': corpus,
    'texts': texts,
    'bpe': {
        'vocabulary': sorted(bpe.get_vocab(), key=bpe.get_vocab().get),
        'merges': bpe_model['merges'],
        'ids': [plain.encode(text).ids for text in texts],
    },
    'wordPiece': {
        'vocabulary': sorted(ids, key=ids.get),
        'ids': [piece.encode(text).ids for text in texts],
        'decoded': [piece.decode(piece.encode(text).ids) for text in texts],
        'tokenizer': json.loads(piece.to_str()),
    },
}) + '\n')
