// Jest runs the same code as production: types are blanked out by Node itself, so lines and columns stay.
const { stripTypeScriptTypes } = require('node:module');
const { createHash } = require('node:crypto');

module.exports = {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  getCacheKey: (source, path) =>
    createHash('sha1')
      .update(process.version + path)
      .update(source)
      .digest('hex'),
};
