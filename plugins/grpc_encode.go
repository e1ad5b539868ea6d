package plugins

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// littleEndian: whether this machine keeps integers as the protocol does.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// packRows gives rows as little-endian int32. On most machines the bytes alias rows: encode them before rows change.
func packRows(rows []int32) []byte {
	if len(rows) == 0 {
		return nil
	}
	if littleEndian {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(rows))), 4*len(rows))
	}
	b := make([]byte, 0, 4*len(rows))
	for _, r := range rows {
		b = binary.LittleEndian.AppendUint32(b, uint32(r))
	}
	return b
}

// unpackRows is the reverse; the rows may alias b.
func unpackRows(b []byte) ([]int32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("%w: %d bytes are not a list of int32 rows", model.ErrInvalid, len(b))
	}
	if len(b) == 0 {
		return nil, nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if littleEndian && uintptr(p)%4 == 0 {
		return unsafe.Slice((*int32)(p), len(b)/4), nil
	}
	rows := make([]int32, len(b)/4)
	for i := range rows {
		rows[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return rows, nil
}

func encodeSettings(settings model.Settings) (map[string]*protocol.Value, error) {
	out := make(map[string]*protocol.Value, len(settings))
	for name, v := range settings {
		value, err := encodeValue(v)
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
		out[name] = value
	}
	return out, nil
}

func encodeValue(v any) (*protocol.Value, error) {
	switch v := v.(type) {
	case int:
		return &protocol.Value{Value: &protocol.Value_Integer{Integer: int64(v)}}, nil
	case int64:
		return &protocol.Value{Value: &protocol.Value_Integer{Integer: v}}, nil
	case float64:
		return &protocol.Value{Value: &protocol.Value_Number{Number: v}}, nil
	case bool:
		return &protocol.Value{Value: &protocol.Value_Flag{Flag: v}}, nil
	case string:
		return &protocol.Value{Value: &protocol.Value_Text{Text: v}}, nil
	}
	return nil, fmt.Errorf("%w: a %T is no setting's value", model.ErrInvalid, v)
}

// decodeSettings leaves out values of a kind that a later protocol may add.
func decodeSettings(values map[string]*protocol.Value) model.Settings {
	out := make(model.Settings, len(values))
	for name, v := range values {
		switch v := v.GetValue().(type) {
		case *protocol.Value_Integer:
			out[name] = v.Integer
		case *protocol.Value_Number:
			out[name] = v.Number
		case *protocol.Value_Flag:
			out[name] = v.Flag
		case *protocol.Value_Text:
			out[name] = v.Text
		}
	}
	return out
}

func encodeManifest(m model.Manifest) *protocol.Manifest {
	out := &protocol.Manifest{
		Name: m.Name, Version: m.Version, Summary: m.Summary, Protocol: ProtocolVersion,
		Averages: m.Averages, Rules: m.Rules,
	}
	for _, t := range m.Tasks {
		out.Tasks = append(out.Tasks, string(t))
	}
	for _, k := range m.Inputs {
		out.Inputs = append(out.Inputs, string(k))
	}
	for _, s := range m.Settings {
		out.Settings = append(out.Settings, &protocol.Setting{
			Name: s.Name, Type: string(s.Type), Unit: s.Unit, Min: s.Min, Max: s.Max, Choices: s.Choices, Help: s.Help,
		})
	}
	return out
}

func decodeManifest(m *protocol.Manifest) model.Manifest {
	out := model.Manifest{
		Name: m.GetName(), Version: m.GetVersion(), Summary: m.GetSummary(), Protocol: int(m.GetProtocol()),
		Averages: m.GetAverages(), Rules: m.GetRules(),
	}
	for _, t := range m.GetTasks() {
		out.Tasks = append(out.Tasks, model.Task(t))
	}
	for _, k := range m.GetInputs() {
		out.Inputs = append(out.Inputs, model.Kind(k))
	}
	for _, s := range m.GetSettings() {
		out.Settings = append(out.Settings, model.Setting{
			Name: s.GetName(), Type: model.SettingType(s.GetType()), Unit: s.GetUnit(), Min: s.GetMin(), Max: s.GetMax(),
			Choices: s.GetChoices(), Help: s.GetHelp(),
		})
	}
	return out
}

func encodeOpen(req model.OpenRequest) (*protocol.OpenRequest, error) {
	settings, err := encodeSettings(req.Settings)
	if err != nil {
		return nil, err
	}
	return &protocol.OpenRequest{
		View: req.View, Settings: settings, Seed: req.Seed, Threads: int32(req.Threads), MaxBatch: int32(req.MaxBatch),
		InitRows: packRows(req.InitRows), MemoryBytes: req.MemoryBytes,
	}, nil
}

func decodeOpen(req *protocol.OpenRequest) (model.OpenRequest, error) {
	rows, err := unpackRows(req.GetInitRows())
	if err != nil {
		return model.OpenRequest{}, fmt.Errorf("init rows: %w", err)
	}
	return model.OpenRequest{
		View: req.GetView(), Settings: decodeSettings(req.GetSettings()), Seed: req.GetSeed(), Threads: int(req.GetThreads()),
		MaxBatch: int(req.GetMaxBatch()), InitRows: rows, MemoryBytes: req.GetMemoryBytes(),
	}, nil
}

func encodeInfo(i model.Info) *protocol.OpenReply {
	out := &protocol.OpenReply{
		Parameters: i.Parameters, FlopsRow: i.FLOPsRow, FlopsRowEval: i.FLOPsRowEval, FlopsStep: i.FLOPsStep,
		BytesFixed: i.BytesFixed, BytesRow: i.BytesRow, InitialFlops: i.InitialFLOPs, Deterministic: i.Deterministic, Isa: i.ISA,
	}
	for _, g := range i.Groups {
		out.Groups = append(out.Groups, &protocol.Group{
			Name: g.Name, Parameters: g.Parameters, LrFactor: g.LRFactor, DecayFactor: g.DecayFactor,
		})
	}
	return out
}

func decodeInfo(i *protocol.OpenReply) model.Info {
	out := model.Info{
		Parameters: i.GetParameters(), FLOPsRow: i.GetFlopsRow(), FLOPsRowEval: i.GetFlopsRowEval(), FLOPsStep: i.GetFlopsStep(),
		BytesFixed: i.GetBytesFixed(), BytesRow: i.GetBytesRow(), InitialFLOPs: i.GetInitialFlops(),
		Deterministic: i.GetDeterministic(), ISA: i.GetIsa(),
	}
	for _, g := range i.GetGroups() {
		out.Groups = append(out.Groups, model.Group{
			Name: g.GetName(), Parameters: g.GetParameters(), LRFactor: g.GetLrFactor(), DecayFactor: g.GetDecayFactor(),
		})
	}
	return out
}

func encodeFile(f model.File) *protocol.File {
	return &protocol.File{Path: f.Path, Length: f.Length, Sha256: f.SHA256}
}

func decodeFile(f *protocol.File) model.File {
	return model.File{Path: f.GetPath(), Length: f.GetLength(), SHA256: f.GetSha256()}
}

func encodeWeights(weights []model.Weights) []string {
	out := make([]string, len(weights))
	for i, w := range weights {
		out[i] = string(w)
	}
	return out
}

func decodeWeights(weights []string) []model.Weights {
	if len(weights) == 0 {
		return nil
	}
	out := make([]model.Weights, len(weights))
	for i, w := range weights {
		out[i] = model.Weights(w)
	}
	return out
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}
