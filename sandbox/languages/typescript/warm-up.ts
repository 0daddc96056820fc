// Loaded once by a waiting Node, so that the type stripper is already there when the program comes.
interface Shape<T> {
  size: T
}
enum Kind {
  Small = 'small',
}
class Box<T> implements Shape<T> {
  size: T
  constructor(size: T) {
    this.size = size
  }
  private kind(): Kind {
    return Kind.Small
  }
}
const box: Shape<number> = new Box<number>(1) as Shape<number>
module.exports = box satisfies object
