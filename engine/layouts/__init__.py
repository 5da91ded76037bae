"""Layouts: the ways in which a dataset lies on disk. This module is their plugin."""

from tagmetry.hookspecs import hookimpl
from tagmetry.layout import Layout
from tagmetry.layouts import everydream_tree, imagefolder, kohya_folders, plain_folders


@hookimpl
def tagmetry_layouts() -> tuple[Layout, ...]:
    return (plain_folders.layout, kohya_folders.layout, everydream_tree.layout, imagefolder.layout)
