// The trained networks, one image at a time: layers, their settings and the names of tensors are those of torch.nn.
(() => {
  const { results: { plan, data }, weights: files } = page;
  if (!files) return;

  // A tensor of one image is { shape, values }: (C, H, W) or (features), the last index running fastest.
  const tensor = (shape, values) => ({ shape, values: values ?? new Float32Array(shape.reduce((a, b) => a * b, 1)) });

  // An image with something around it: `before` rows and columns ahead, `size` rows and columns in all.
  const framed = ({ shape: [channels, rows, columns], values }, before, size, filling) => {
    const [top, left] = before;
    const [height, width] = [Math.max(size[0], top + rows), Math.max(size[1], left + columns)];
    const output = tensor([channels, height, width]);
    output.values.fill(filling);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < rows; y++) {
        const from = (c * rows + y) * columns;
        output.values.set(values.subarray(from, from + columns), (c * height + top + y) * width + left);
      }
    }
    return output;
  };

  const reach = (outputs, kernel, stride, dilation) =>
    outputs.map((number, axis) => (number - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1);

  // By far the most of the time goes here, so it is kept small enough to be compiled well.
  const accumulate = (sums, to, number, factor, values, from, step) => {
    for (let k = 0; k < number; k++) sums[to + k] += factor * values[from + k * step];
  };

  const convolve = (layer, input, { weight, bias }) => {
    const { kernel_size: kernel, stride, dilation, groups, out_channels: channels } = layer;
    const around = (axis) => {
      if (layer.padding === "same") {
        const total = dilation[axis] * (kernel[axis] - 1);
        return [Math.floor(total / 2), total];
      }
      return layer.padding === "valid" ? [0, 0] : [layer.padding[axis], 2 * layer.padding[axis]];
    };
    const [height, width] = [0, 1].map((axis) => {
      const span = input.shape[axis + 1] + around(axis)[1] - dilation[axis] * (kernel[axis] - 1) - 1;
      return Math.floor(span / stride[axis]) + 1;
    });
    const { shape: [, rows, columns], values } =
      framed(input, [around(0)[0], around(1)[0]], reach([height, width], kernel, stride, dilation), 0);
    const output = tensor([channels, height, width]);
    const inside = input.shape[0] / groups;
    let at = 0;
    for (let o = 0; o < channels; o++) {
      const sums = new Float64Array(height * width).fill(bias ? bias[o] : 0);
      const first = Math.floor(o / (channels / groups)) * inside;
      for (let c = first; c < first + inside; c++) {
        for (let i = 0; i < kernel[0]; i++) {
          for (let j = 0; j < kernel[1]; j++) {
            const factor = weight[at++];
            for (let y = 0; y < height; y++) {
              const from = (c * rows + y * stride[0] + i * dilation[0]) * columns + j * dilation[1];
              accumulate(sums, y * width, width, factor, values, from, stride[1]);
            }
          }
        }
      }
      output.values.set(sums, o * height * width);
    }
    return output;
  };

  // Windows over each channel: what lies in one is combined from `start` on; `finish` takes that and the window's place.
  const pool = (layer, input, start, combine, finish) => {
    const { kernel_size: kernel, stride, padding, dilation = [1, 1] } = layer;
    const [height, width] = [0, 1].map((axis) => {
      const size = input.shape[axis + 1];
      const span = size + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1;
      if (!layer.ceil_mode) return Math.floor(span / stride[axis]) + 1;
      const outputs = Math.ceil(span / stride[axis]) + 1;
      // the last window starts inside the image or the padding ahead of it
      return (outputs - 1) * stride[axis] >= size + padding[axis] ? outputs - 1 : outputs;
    });
    const { shape: [channels, rows, columns], values } =
      framed(input, padding, reach([height, width], kernel, stride, dilation), start);
    const output = tensor([channels, height, width]);
    let to = 0;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          let found = start;
          for (let i = 0; i < kernel[0]; i++) {
            let from = (c * rows + y * stride[0] + i * dilation[0]) * columns + x * stride[1];
            for (let j = 0; j < kernel[1]; j++, from += dilation[1]) found = combine(found, values[from]);
          }
          output.values[to++] = finish(found, y, x);
        }
      }
    }
    return output;
  };

  const average = (layer, input) => {
    // padding counts, what ceil_mode adds beyond it doesn't
    const counted = (axis, place) => {
      const from = place * layer.stride[axis];
      return Math.min(from + layer.kernel_size[axis], input.shape[axis + 1] + 2 * layer.padding[axis]) - from;
    };
    return pool(layer, input, 0, (a, b) => a + b, (sum, y, x) => sum / (counted(0, y) * counted(1, x)));
  };

  const averageAdaptively = ({ output_size: [height, width] }, { shape: [channels, rows, columns], values }) => {
    const output = tensor([channels, height, width]);
    let to = 0;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const [top, bottom] = [Math.floor((y * rows) / height), Math.ceil(((y + 1) * rows) / height)];
        for (let x = 0; x < width; x++) {
          const [left, right] = [Math.floor((x * columns) / width), Math.ceil(((x + 1) * columns) / width)];
          let sum = 0;
          for (let i = top; i < bottom; i++) {
            for (let j = left; j < right; j++) sum += values[(c * rows + i) * columns + j];
          }
          output.values[to++] = sum / ((bottom - top) * (right - left));
        }
      }
    }
    return output;
  };

  const normalize = (layer, { shape, values }, { weight, bias, running_mean: means, running_var: variances }) => {
    const output = tensor(shape);
    const size = shape[1] * shape[2];
    for (let c = 0; c < shape[0]; c++) {
      const channel = values.subarray(c * size, (c + 1) * size);
      // without running statistics torch takes those of the batch: here, of the image
      const mean = means ? means[c] : channel.reduce((sum, value) => sum + value, 0) / size;
      const variance = variances ? variances[c] : channel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
      const scale = (weight ? weight[c] : 1) / Math.sqrt(variance + layer.eps);
      const shift = (bias ? bias[c] : 0) - mean * scale;
      for (let k = 0; k < size; k++) output.values[c * size + k] = channel[k] * scale + shift;
    }
    return output;
  };

  const connect = ({ in_features: inside, out_features: outside }, { shape, values }, { weight, bias }) => {
    const output = tensor([...shape.slice(0, -1), outside]);
    for (let to = 0; to < output.values.length; to++) {
      const [row, o] = [Math.floor(to / outside), to % outside];
      let sum = bias ? bias[o] : 0;
      for (let k = 0; k < inside; k++) sum += weight[o * inside + k] * values[row * inside + k];
      output.values[to] = sum;
    }
    return output;
  };

  const softmax = (layer, { shape, values }) => {
    const output = tensor(shape);
    const size = values.length / shape[0];
    for (let k = 0; k < size; k++) {
      const along = Array.from({ length: shape[0] }, (_, index) => values[index * size + k]);
      const largest = Math.max(...along);
      const powers = along.map((value) => Math.exp(value - largest));
      const total = powers.reduce((a, b) => a + b);
      powers.forEach((power, index) => { output.values[index * size + k] = power / total; });
    }
    return output;
  };

  const LAYERS = {
    Conv2d: convolve,
    MaxPool2d: (layer, input) => pool(layer, input, -Infinity, Math.max, (largest) => largest),
    AvgPool2d: average,
    AdaptiveAvgPool2d: averageAdaptively,
    BatchNorm2d: normalize,
    Linear: connect,
    ReLU: (layer, { shape, values }) => tensor(shape, values.map((value) => Math.max(0, value))),
    Flatten: (layer, { values }) => tensor([values.length], values),
    Dropout: (layer, input) => input,
    Softmax: softmax,
  };

  // A safetensors file: the length of its header in 8 bytes, the header in JSON, the numbers; by layer and name.
  const open = (text) => {
    const bytes = page.bytes(text);
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    const layers = Object.create(null); // whatever a file calls a layer is but a name
    for (const [key, { dtype, data_offsets: offsets }] of Object.entries(header)) {
      if (dtype !== "F32") continue;
      const [index, name] = key.split(".");
      const [from, to] = offsets.map((offset) => start + offset);
      (layers[index] ??= {})[name] = new Float32Array(bytes.buffer.slice(from, to));
    }
    return layers;
  };

  const tensors = new Map();

  // What an experiment's network gives for an image: `pixels` are C·H·W bytes. Arrays of a number a class.
  const predict = (experiment, pixels) => {
    const planned = plan.experiments.find(({ id }) => id === experiment);
    if (!planned || !(experiment in files)) throw new RangeError(`no weights of ${experiment}`);
    if (!tensors.has(experiment)) tensors.set(experiment, open(files[experiment]));
    let state = tensor(plan.input_shape, Float32Array.from(pixels, (byte) => (byte / 255 - data.mean) / data.std));
    // where the last layer is Softmax, what it takes are the logits
    const layers = planned.layers.at(-1).type === "Softmax" ? planned.layers.slice(0, -1) : planned.layers;
    layers.forEach((layer, index) => {
      state = LAYERS[layer.type](layer, state, tensors.get(experiment)[index] ?? {});
    });
    return { logits: state.values, probabilities: softmax(null, state).values };
  };

  window.reportgen = Object.freeze({ predict });
})();
