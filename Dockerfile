# One image for the API, the worker, the migration and the audit; docker-compose.yml says which command each runs.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /durabill
COPY package.json package-lock.json .npmrc ./
# With optional packages: the bundler's compiler is one, chosen by platform.
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
RUN npm run bundle

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /durabill
COPY package.json package-lock.json .npmrc ./
# Without them: Node is the image's own, PostgreSQL and Temporal are servers of their own, and the workflows are bundled.
# The sample story is for `npm start`: its flights are not needed either.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force && rm -rf node_modules/vega-datasets

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production DURABILL_WORKFLOW_BUNDLE=/durabill/.cache/workflows.js
WORKDIR /durabill
COPY --from=packages /durabill/node_modules node_modules
COPY --from=build /durabill/.cache .cache
COPY . .
# It writes nothing into the image: its files belong to root. What it keeps is in a volume, if not in a bucket.
RUN install --directory --owner=node --group=node /var/lib/durabill
USER node
EXPOSE 3000
# The exec form, so that signals reach Node itself.
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=50", "api/main.ts"]
