# Ada plays first and puts an X in the middle. Why has every row of the board got one?

board = Array.new(3, Array.new(3, "."))

def show(board)
  board.each { |row| puts row.join(" ") }
end

board[1][1] = "X"
show(board)

marks = board.flatten.count("X")
raise "Ada has made one move, but there are #{marks} marks on the board" unless marks == 1
