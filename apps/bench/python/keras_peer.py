"""A training step in Keras on TensorFlow as its users would write it for speed: one `tf.function`, compiled by XLA."""

import glob

import keras
import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file


class KerasTrainer:
    version = f"{keras.__version__} on TensorFlow {tf.__version__}"

    def __init__(self, assignment):
        tf.config.threading.set_intra_op_parallelism_threads(assignment["threads"])
        if assignment["precision"] == "bfloat16":
            keras.mixed_precision.set_global_policy("mixed_bfloat16")
        folder = assignment["folder"]
        make_model, loss, make_optimizer, compiles = STEPS[assignment["step"]]
        model = make_model()
        set_weights(model, load_file(f"{folder}/weights.safetensors"))
        optimizer = make_optimizer(assignment["learningRate"])
        optimizer.build(model.trainable_variables)
        batches = [load_file(path) for path in sorted(glob.glob(f"{folder}/batch-*.safetensors"))]
        self.batches = [{name: tf.constant(value) for name, value in batch.items()} for batch in batches]

        @tf.function(jit_compile=compiles)
        def train(batch):
            with tf.GradientTape() as tape:
                value = loss(model, **batch)
            variables = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(value, variables), variables))
            return value

        self.train = train

    def step(self, index):
        """Returns the loss, on the device."""
        return self.train(self.batches[index % len(self.batches)])


def set_weights(model, values):
    """From PyTorch's layouts, in the order of the layers; PyTorch names no layer that has no weights."""
    arrays = [in_keras(value) for _, value in sorted(values.items(), key=lambda item: layer_order(item[0]))]
    model.set_weights(arrays)


def layer_order(name):
    """`layers.3.weight` → ("layers", 3, weights before biases)."""
    path, parameter = name.rsplit(".", 1)
    module, index = path.rsplit(".", 1)
    return module != "vae.encoder", module, int(index), parameter == "bias"


def in_keras(value):
    if value.ndim == 4:
        return value.transpose(2, 3, 1, 0)  # OIHW → HWIO
    return np.ascontiguousarray(value.T)


def adam(learning_rate):
    return keras.optimizers.Adam(learning_rate, epsilon=1e-8)


def adamw(learning_rate):
    return keras.optimizers.AdamW(learning_rate, weight_decay=0.01, epsilon=1e-8)


def mlp():
    layers = keras.layers
    return keras.Sequential(
        [keras.Input([50]), layers.Dense(256, "relu"), layers.Dense(128, "relu"), layers.Dense(1)]
    )


def mlp_loss(model, rows, targets):
    return tf.reduce_mean(tf.math.squared_difference(model(rows, training=True), targets))


def cnn():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input([64, 64, 3]),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPool2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPool2D(2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, dtype="float32"),
        ]
    )


def cnn_loss(model, images, labels):
    logits = model(images, training=True)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


class Vae(keras.Model):
    def __init__(self):
        super().__init__()
        layers = keras.layers
        self.encoder = keras.Sequential([keras.Input([784]), layers.Dense(512, "elu"), layers.Dense(40)])
        self.decoder = keras.Sequential([keras.Input([20]), layers.Dense(512, "elu"), layers.Dense(784)])
        self.build([None, 784])

    def build(self, shape):
        self.built = True


def vae_loss(model, images, noise):
    mean, log_variance = tf.split(tf.cast(model.encoder(images, training=True), "float32"), 2, 1)
    logits = tf.cast(model.decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True), "float32")
    reconstruction = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(images, logits))
    divergence = 0.5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - log_variance - 1)
    return (reconstruction + divergence) / len(images)


# By the step's name: model, loss, optimiser, and whether XLA is faster (not for convolutions, which oneDNN runs better).
STEPS = {
    "VAE": (Vae, vae_loss, adam, True),
    "MLP": (mlp, mlp_loss, adamw, True),
    "CNN": (cnn, cnn_loss, adam, False),
}
