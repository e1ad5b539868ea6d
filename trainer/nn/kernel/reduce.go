package kernel

// Sum is the sum of x: blocks are added up in float32, their sums in float64.
func Sum(x []float32) (sum float64) {
	head := x[:vectorPart(len(x))]
	for len(head) > 0 {
		n := min(len(head), sumBlock)
		sum += float64(sumVector(head[:n]))
		head = head[n:]
	}
	return sum + sumTwin(x[vectorPart(len(x)):])
}

// SumSquares is Σ x².
func SumSquares(x []float32) (sum float64) {
	head := x[:vectorPart(len(x))]
	for len(head) > 0 {
		n := min(len(head), sumBlock)
		sum += float64(sumSquaresVector(head[:n]))
		head = head[n:]
	}
	rest := x[vectorPart(len(x)):]
	return sum + dotTwin(rest, rest)
}

// Dot is Σ a b.
func Dot(a, b []float32) (sum float64) {
	b = b[:len(a)]
	whole := vectorPart(len(a))
	for at := 0; at < whole; at += sumBlock {
		end := min(at+sumBlock, whole)
		sum += float64(dotVector(a[at:end], b[at:end]))
	}
	return sum + dotTwin(a[whole:], b[whole:])
}

// AddSquares computes dst = a + b and returns Σ dst²: two threads' gradients become one and the norm falls out.
// dst may be a.
func AddSquares(dst, a, b []float32) (sum float64) {
	dst, b = dst[:len(a)], b[:len(a)]
	whole := vectorPart(len(a))
	for at := 0; at < whole; at += sumBlock {
		end := min(at+sumBlock, whole)
		sum += float64(addSquaresVector(dst[at:end], a[at:end], b[at:end]))
	}
	return sum + addSquaresTwin(dst[whole:], a[whole:], b[whole:])
}

// sumBlock is how many terms are added up in float32.
const sumBlock = 4096

// vectorPart is how many of n elements the vector sums take: they work on 32 at once.
func vectorPart(n int) int {
	if !vector() {
		return 0
	}
	return n &^ 31
}

// sumTwin is Sum in plain Go.
func sumTwin(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// dotTwin is Dot in plain Go.
func dotTwin(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// addSquaresTwin is AddSquares in plain Go.
func addSquaresTwin(dst, a, b []float32) (sum float64) {
	for i, v := range a {
		dst[i] = v + b[i]
		sum += float64(dst[i]) * float64(dst[i])
	}
	return sum
}

// ColumnSums adds the sum of every column of x to sums: the gradient of a bias. x has rows of len(sums) elements.
func ColumnSums(sums, x []float32) {
	columns := len(sums)
	if columns == 0 {
		return
	}
	rows, done := len(x)/columns, 0
	if vector() && rows > 0 {
		for ; done+32 <= columns; done += 32 {
			columnSumsVector(sums[done:done+32], x[done:], rows, columns)
		}
	}
	if done == columns {
		return
	}
	for r := range rows {
		add(sums[done:], sums[done:], x[r*columns+done:(r+1)*columns])
	}
}

// ColumnDots adds Σ_rows a b to sums: the gradient of a factor for each column.
func ColumnDots(sums, a, b []float32) {
	columns := len(sums)
	b = b[:len(a)]
	for at := 0; at+columns <= len(a) && columns > 0; at += columns {
		if vector() {
			addProductVector(sums, a[at:at+columns], b[at:at+columns])
		} else {
			addProductTwin(sums, a[at:at+columns], b[at:at+columns])
		}
	}
}

// addProductTwin adds a*b to sums, element by element.
func addProductTwin(sums, a, b []float32) {
	for i, v := range a {
		sums[i] += v * b[i]
	}
}
