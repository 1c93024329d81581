FROM python:3.13-slim
WORKDIR /portal
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
 && useradd --system portal && install -d -o portal /data
USER portal
CMD ["portal", "serve"]
