package kernel

// Add computes dst = a + b.
func Add(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

// Mul2 computes dst = a * b, element by element.
func Mul2(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

// Axpy computes y += a*x.
func Axpy(a float32, x, y []float32) {
	for i, v := range x {
		y[i] += a * v
	}
}

// Scale computes dst = a*x.
func Scale(dst []float32, a float32, x []float32) {
	for i, v := range x {
		dst[i] = a * v
	}
}

// ScaleColumns computes dst = x * factors_j (+ shift_j unless shift is nil), for rows of len(factors) columns.
func ScaleColumns(dst, x, factors, shift []float32) {
	for i, v := range x {
		j := i % len(factors)
		dst[i] = v * factors[j]
		if shift != nil {
			dst[i] += shift[j]
		}
	}
}

// Sum is the sum of x, added up in float64 over blocks of float32 sums.
func Sum(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// SumSquares is Σ x².
func SumSquares(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// Dot is Σ a b.
func Dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// AddSquares computes dst = a + b and returns Σ dst²: two threads' gradients become one and the norm falls out.
// dst may be a.
func AddSquares(dst, a, b []float32) (sum float64) {
	Add(dst, a, b)
	return SumSquares(dst)
}

// ColumnSums adds the sum of every column of x to sums: the gradient of a bias. x has rows of len(sums) elements.
func ColumnSums(sums, x []float32) {
	for i, v := range x {
		sums[i%len(sums)] += v
	}
}

// ColumnDots adds Σ_rows a b to sums: the gradient of a factor for each column.
func ColumnDots(sums, a, b []float32) {
	for i, v := range a {
		sums[i%len(sums)] += v * b[i]
	}
}
