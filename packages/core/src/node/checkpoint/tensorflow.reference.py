"""Writes TensorFlow SavedModels and checkpoints for tensor-bundle.test.ts: `python tensorflow.reference.py > tensorflow.reference.json`."""
import base64
import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf  # noqa: E402


class Network(tf.Module):
    def __init__(self):
        super().__init__()
        self.weight = tf.Variable(tf.reshape(tf.range(6, dtype=tf.float32), [2, 3]) / 4, name="weight")
        self.half = tf.Variable(tf.constant([1.5, -0.25], tf.bfloat16), name="half")
        self.steps = tf.Variable(tf.constant(2**40, tf.int64), name="steps")
        self.layers = [tf.Variable(tf.ones([3]) * index, name=f"layer{index}") for index in range(30)]

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def __call__(self, inputs):
        return inputs @ self.weight


def files(folder):
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if "variables" in name or "checkpoint-" in name:
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = base64.b64encode(file.read()).decode()
    return found


network = Network()
with tempfile.TemporaryDirectory() as folder:
    tf.saved_model.save(network, os.path.join(folder, "saved"))
    tf.train.Checkpoint(network=network).write(os.path.join(folder, "checkpoint-1"))
    variables = {
        variable.name: {"shape": variable.shape.as_list(), "values": tf.reshape(tf.cast(variable, tf.float64), [-1]).numpy().tolist()}
        for variable in network.variables
    }
    json.dump({"version": tf.__version__, "files": files(folder), "variables": variables}, sys.stdout, indent=1)
    print()
