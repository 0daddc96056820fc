// Loaded once by a waiting Node, so that the way into a module is already known when the program comes.
module.exports = null
