"""Command lines in scripts: the options of the first training command, with their places."""

import pytest

from tagmetry.configs.command_lines import command_line


def options(text, shell):
    found = command_line(text, shell)
    return {argument.key: argument.values for argument in found.arguments}


def test_a_shell_script_with_variables_comments_and_continued_lines():
    text = """#!/bin/bash
DIM=32
export DATA="/data/my set"
# accelerate launch train_network.py --network_dim=1
accelerate launch --num_cpu_threads_per_process=1 "./sdxl_train_network.py" \\
  --network_dim=$DIM --train_data_dir="${DATA}/img" \\
  --text_encoder_lr 1e-5 2e-5 --shuffle_caption \\
  --caption_prefix='$DIM, '
echo done --seed 3
"""
    found = command_line(text, "sh")
    assert (found.script, found.line) == ("sdxl_train_network", 5)
    assert {argument.key: argument.values for argument in found.arguments} == {
        "network_dim": ("32",),
        "train_data_dir": ("/data/my set/img",),
        "text_encoder_lr": ("1e-5", "2e-5"),
        "shuffle_caption": (),
        "caption_prefix": ("$DIM, ",),
    }
    assert [(argument.line, argument.column) for argument in found.arguments] == [
        (6, 3),
        (6, 22),
        (7, 3),
        (7, 31),
        (8, 3),
    ]


def test_a_batch_file_keeps_its_backslashes():
    text = (
        '@echo off\r\nREM accelerate launch train_network.py --seed=1\r\nset "DIR=D:\\lora\\img"\r\n'
        'accelerate launch ".\\sd-scripts\\train_network.py" ^\r\n  --train_data_dir="%DIR%" ^\r\n'
        "  --seed=42\r\npause\r\n"
    )
    assert options(text, "bat") == {"train_data_dir": ("D:\\lora\\img",), "seed": ("42",)}


def test_a_powershell_script_joins_lines_at_a_backtick():
    text = (
        '$dim = 16 # rank\n$dir = "D:\\a b"\naccelerate launch train_network.py `\n'
        '  --network_dim=$dim `\n  --train_data_dir="$dir"\n'
    )
    assert options(text, "ps1") == {"network_dim": ("16",), "train_data_dir": ("D:\\a b",)}


def test_a_note_with_one_option_per_line_is_one_command():
    assert options("accelerate launch train_network.py\n--seed=1\n --keep_tokens=2\n\nnote", "txt") == {
        "seed": ("1",),
        "keep_tokens": ("2",),
    }


def test_a_variable_that_nobody_sets_is_named():
    (argument,) = command_line("python train_network.py --seed=$SEED", "sh").arguments
    assert (argument.key, argument.unknown) == ("seed", "SEED")


def test_variables_that_go_in_circles_come_to_an_end():
    (argument,) = command_line("A=$B\nB=$A\npython train_network.py --seed=$A", "sh").arguments
    assert argument.unknown in ("A", "B")


@pytest.mark.parametrize("text", ["", "a cat, sitting", "python app.py --x=1", '"', "accelerate launch \\"])
def test_a_text_without_a_training_command_gives_none(text):
    for shell in ("sh", "bat", "ps1", "txt"):
        assert command_line(text, shell) is None
