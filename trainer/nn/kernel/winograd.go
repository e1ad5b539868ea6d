package kernel

// Winograd is one of the linear maps of the minimal filtering algorithm F(4×4, 3×3): a 3×3 convolution's 4×4 outputs, from
// 6×6 inputs, by 36 multiplications instead of 144 (S. Winograd 1980; A. Lavin and S. Gray, arXiv:1509.09308). A map takes
// each tile to T·tile·Tᵀ. With polynomials evaluated at 0, ±3/4, ±3/2 and ∞, sums err 1.4 to 2.4 times as much as plain ones
// (root of the mean square, 128 and 16 channels); with the usual 0, ±1, ±2 and ∞ it is 4 to 5 times.
type Winograd uint8

// The maps. Outputs are WinogradOutput of the sums, over the channels, of WinogradInput times WinogradWeights, place by place.
const (
	WinogradInput       Winograd = iota // 6×6 pixels to 6×6 terms
	WinogradWeights                     // 3×3 weights to 6×6 factors
	WinogradOutput                      // 6×6 sums to 4×4 outputs
	WinogradInputGrad                   // the first's transpose; it adds, since tiles overlap
	WinogradWeightsGrad                 // the second's
	WinogradOutputGrad                  // the third's
)

// WinogradTile is the side of a tile of outputs, WinogradSide that of the inputs and of everything in between.
const (
	WinogradTile = 4
	WinogradSide = 6
)

// Cells are the places of square tiles: place (y, x) of tile i holds the channels from Data[i*Tile + y*Row + x*Column] on.
type Cells struct {
	Data              []float32
	Row, Column, Tile int
}

// winogradMaps are T, in the order of the constants.
var winogradMaps = [...][][]float32{
	winogradInput, winogradWeights, winogradOutput,
	transposed(winogradInput), transposed(winogradWeights), transposed(winogradOutput),
}

var (
	winogradInput = [][]float32{
		{81. / 64, 0, -45. / 16, 0, 1, 0},
		{0, -27. / 16, -9. / 4, 3. / 4, 1, 0},
		{0, 27. / 16, -9. / 4, -3. / 4, 1, 0},
		{0, -27. / 32, -9. / 16, 3. / 2, 1, 0},
		{0, 27. / 32, -9. / 16, -3. / 2, 1, 0},
		{0, 81. / 64, 0, -45. / 16, 0, 1},
	}
	winogradWeights = [][]float32{
		{64. / 81, 0, 0},
		{-128. / 243, -32. / 81, -8. / 27},
		{-128. / 243, 32. / 81, -8. / 27},
		{32. / 243, 16. / 81, 8. / 27},
		{32. / 243, -16. / 81, 8. / 27},
		{0, 0, 1},
	}
	winogradOutput = [][]float32{
		{1, 1, 1, 1, 1, 0},
		{0, 3. / 4, -3. / 4, 3. / 2, -3. / 2, 0},
		{0, 9. / 16, 9. / 16, 9. / 4, 9. / 4, 0},
		{0, 27. / 64, -27. / 64, 27. / 8, -27. / 8, 1},
	}
)

func transposed(m [][]float32) [][]float32 {
	t := make([][]float32, len(m[0]))
	for _, row := range m {
		for j, v := range row {
			t[j] = append(t[j], v)
		}
	}
	return t
}

// sides are the tiles' sides, before and after.
func (m Winograd) sides() (src, dst int) { return len(winogradMaps[m][0]), len(winogradMaps[m]) }

// Apply maps tiles of so many channels. dst and src must not overlap; the workspace may serve one call at a time.
func (m Winograd) Apply(dst, src Cells, channels, tiles int, w *Workspace) {
	if channels == 0 || tiles == 0 {
		return
	}
	from, to := m.sides()
	src.check(from, channels, tiles)
	dst.check(to, channels, tiles)
	if vector() && channels%8 == 0 {
		winogradVector(m, &dst, &src, channels, tiles, w)
		return
	}
	m.twins(&dst, &src, channels, tiles)
}

// check panics when cells leave their data.
func (c *Cells) check(side, channels, tiles int) {
	last := (side-1)*(c.Row+c.Column) + (tiles-1)*c.Tile + channels
	if min(c.Row, c.Column, c.Tile) < 0 || last > len(c.Data) {
		panic("kernel: cells leave their data")
	}
}

// twins is Apply in plain Go.
func (m Winograd) twins(dst, src *Cells, channels, tiles int) {
	for i := range tiles {
		for c := range channels {
			m.twin(dst.Data[i*dst.Tile+c:], src.Data[i*src.Tile+c:], dst, src)
		}
	}
}

// twin maps one channel of one tile.
func (m Winograd) twin(dst, src []float32, to, from *Cells) {
	t := winogradMaps[m]
	for i, left := range t {
		var row [WinogradSide]float32 // of T·src
		for y, f := range left {
			if f != 0 {
				line := src[y*from.Row:]
				for x := range left {
					row[x] += f * line[x*from.Column]
				}
			}
		}
		line := dst[i*to.Row:]
		for j, right := range t {
			var sum float32
			for x, f := range right {
				sum += row[x] * f
			}
			if m == WinogradInputGrad {
				sum += line[j*to.Column]
			}
			line[j*to.Column] = sum
		}
	}
}
